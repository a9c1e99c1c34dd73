using Gantry.Os;
using Gantry.Os.Terminals;

namespace Gantry.Cli.Session;

/// <summary>The terminal of this process.</summary>
internal sealed class ProcessTerminal : IUserTerminal
{
    public bool InputIsTerminal => Terminal.IsTerminal(0);

    public bool OutputIsTerminal => Terminal.IsTerminal(1);

    public (int Rows, int Columns)? Size
    {
        get
        {
            try
            {
                var (rows, columns) = Terminal.GetSize(1);
                return rows > 0 && columns > 0 ? (rows, columns) : null;
            }
            catch (OsException)
            {
                // No terminal: its size is asked for on that chance.
                return null;
            }
        }
    }

    public IDisposable EnterRawMode() => Terminal.EnterRawMode(0);
}
