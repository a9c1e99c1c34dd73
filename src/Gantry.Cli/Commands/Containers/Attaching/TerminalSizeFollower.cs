using System.Runtime.InteropServices;
using Gantry.Cli.Session;
using Gantry.Client;

namespace Gantry.Cli.Commands.Containers.Attaching;

/// <summary>Keeps the size of a container's terminal that of the user's, until it is disposed.</summary>
internal sealed class TerminalSizeFollower : IDisposable
{
    private readonly IUserTerminal _terminal;
    private readonly Func<int, int, Task> _resize;
    private readonly Lock _turn = new();
    private readonly PosixSignalRegistration? _registration;

    /// <summary>Sets the size now and whenever the user's terminal changes.</summary>
    /// <param name="terminal">The user's terminal; when it has no size, nothing is done.</param>
    /// <param name="resize">Sets rows and columns.</param>
    public TerminalSizeFollower(IUserTerminal terminal, Func<int, int, Task> resize)
    {
        _terminal = terminal;
        _resize = resize;
        if (terminal.Size is null)
            return;
        _registration = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Resize());
        Resize();
    }

    public void Dispose() => _registration?.Dispose();

    /// <summary>Each signal may come on a thread of its own: who comes last reads the size last, and sends it last.</summary>
    private void Resize()
    {
        lock (_turn)
        {
            if (_terminal.Size is not var (rows, columns))
                return;
            try
            {
                _resize(rows, columns).GetAwaiter().GetResult();
            }
            catch (Exception error) when (error is ClientException or IOException)
            {
                // It has ended, or has not begun yet and got its size when it was created.
            }
        }
    }
}
