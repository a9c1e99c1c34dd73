namespace Gantry.Cli.Session;

/// <summary>The terminal, if any, behind the standard streams of a command.</summary>
public interface IUserTerminal
{
    /// <summary>Whether standard input is a terminal.</summary>
    bool InputIsTerminal { get; }

    /// <summary>Whether standard output is a terminal.</summary>
    bool OutputIsTerminal { get; }

    /// <summary>Rows and columns of the terminal at standard output, or null without one.</summary>
    (int Rows, int Columns)? Size { get; }

    /// <summary>Rows and columns of the terminal at standard error, or null without one.</summary>
    (int Rows, int Columns)? ErrorSize { get; }

    /// <summary>Sets raw mode on standard input until the result is disposed.</summary>
    IDisposable EnterRawMode();

    /// <summary>
    /// Has standard input give single keys, without an echo, until the result is disposed; Ctrl-C still is a signal. Null when this program is not in the
    /// foreground.
    /// </summary>
    IDisposable? EnterKeyMode();
}
