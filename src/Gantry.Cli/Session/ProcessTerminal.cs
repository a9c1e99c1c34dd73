using Gantry.Os.Terminals;

namespace Gantry.Cli.Session;

/// <summary>The terminal of this process.</summary>
internal sealed class ProcessTerminal : IUserTerminal
{
    public bool InputIsTerminal => Terminal.IsTerminal(0);

    public bool OutputIsTerminal => Terminal.IsTerminal(1);

    public (int Rows, int Columns)? Size => SizeOf(1);

    public (int Rows, int Columns)? ErrorSize => SizeOf(2);

    public IDisposable EnterRawMode() => Terminal.EnterRawMode(0);

    public IDisposable? EnterKeyMode() => Terminal.EnterKeyMode(0);

    private static (int Rows, int Columns)? SizeOf(int descriptor) =>
        Terminal.GetSize(descriptor) is ({ } rows, { } columns) && rows > 0 && columns > 0 ? (rows, columns) : null;
}
