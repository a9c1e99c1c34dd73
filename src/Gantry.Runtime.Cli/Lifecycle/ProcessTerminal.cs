using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Sockets;
using Gantry.Os.Terminals;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Cli.Lifecycle;

/// <summary>Chooses a process's streams: those of this command, or a new terminal whose master side goes to whoever asked for it.</summary>
internal sealed class ProcessTerminal : IDisposable
{
    private readonly PseudoTerminal? _terminal;

    private ProcessTerminal(PseudoTerminal? terminal, Fd? folder) => (_terminal, Folder) = (terminal, folder);

    /// <summary>The process's side.</summary>
    internal ProcessStreams Streams => new() { Terminal = _terminal?.Slave };

    /// <summary>This command's side of the terminal; null: there is none.</summary>
    internal Fd? Master => _terminal?.Master;

    /// <summary>The instance of devpts in which the terminal was opened; null: there is none, or it is the host's.</summary>
    internal Fd? Folder { get; }

    /// <summary>Makes what a process needs.</summary>
    /// <param name="process">The process.</param>
    /// <param name="openFolder">Opens the container's instance of devpts, if it has one.</param>
    /// <param name="consoleSocket">The socket that wants the master; null: this command keeps it.</param>
    /// <param name="detached">Whether this command ends before the process.</param>
    /// <exception cref="GantryException">The socket does not go with the process.</exception>
    internal static ProcessTerminal Make(ProcessSpec process, Func<Fd?> openFolder, string? consoleSocket, bool detached)
    {
        if (!process.Terminal)
            return consoleSocket is null ? new ProcessTerminal(null, null)
                : throw GantryException.Invalid("cannot use console socket if runc will not detach or allocate tty");
        if (detached && consoleSocket is null)
            throw GantryException.Invalid("cannot allocate tty if runc will detach without setting console socket");
        if (!detached && consoleSocket is not null)
            throw GantryException.Invalid("cannot use console socket if runc will not detach or allocate tty");
        var folder = openFolder();
        var terminal = folder is null ? PseudoTerminal.Open() : PseudoTerminal.Open(folder);
        if (process.ConsoleSize is { } size)
            PseudoTerminal.Resize(terminal.Master, (ushort)size.Height, (ushort)size.Width);
        if (consoleSocket is not null)
            Send(terminal.Master, consoleSocket);
        return new ProcessTerminal(terminal, folder);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _terminal?.Master.Dispose();
        _terminal?.Slave.Dispose();
        Folder?.Dispose();
    }

    private static void Send(Fd master, string path)
    {
        using var socket = UnixSocket.TryConnect(path, out var error) ?? throw new OsException($"connect to the console socket {path}", error);
        var sent = SocketMessages.Send(socket, "/dev/ptmx"u8, [master.Number], wait: true);
        if (sent.Error.Value != 0)
            throw new OsException($"send the terminal to {path}", sent.Error);
    }
}
