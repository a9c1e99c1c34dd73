namespace Gantry.Cli.Tests.Registries;

/// <summary>A terminal at all three standard streams.</summary>
internal sealed class TypedTerminal(int rows = 24, int columns = 80) : Session.IUserTerminal, IDisposable
{
    public bool InputIsTerminal => true;

    public bool OutputIsTerminal => true;

    public (int Rows, int Columns)? Size => (rows, columns);

    public (int Rows, int Columns)? ErrorSize => (rows, columns);

    /// <summary>How often raw mode was entered and left.</summary>
    public (int Entered, int Left) Raw { get; private set; }

    public IDisposable? EnterKeyMode() => null;

    public IDisposable EnterRawMode()
    {
        Raw = (Raw.Entered + 1, Raw.Left);
        return this;
    }

    public void Dispose() => Raw = (Raw.Entered, Raw.Left + 1);
}
