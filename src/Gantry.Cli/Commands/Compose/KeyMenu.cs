using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary>A line below the output of a project that tells of the keys which do something.</summary>
internal sealed class KeyMenu : IDisposable
{
    private readonly LogPrinter _printer;
    private readonly IDisposable _mode;

    private KeyMenu(LogPrinter printer, IDisposable mode) => (_printer, _mode) = (printer, mode);

    /// <summary>Opens the menu, when it is wanted and there is a terminal in both directions.</summary>
    /// <param name="session">The terminal.</param>
    /// <param name="printer">Writes the output.</param>
    /// <param name="wanted">Whether it is wanted.</param>
    /// <param name="pressed">Called for each key.</param>
    /// <param name="watches">Whether files are watched.</param>
    public static KeyMenu? Open(ComposeSession session, LogPrinter printer, bool wanted, Action<char> pressed, Func<bool> watches)
    {
        var terminal = session.Session.Context.Terminal;
        if (!wanted || session.Ansi == "never" || !terminal.InputIsTerminal || !terminal.OutputIsTerminal || !ProgressChoice.IsLive(session)
            || terminal.EnterKeyMode() is not { } mode)
            return null;
        var colors = session.Environment.GetValueOrDefault("NO_COLOR", "").Length == 0;
        printer.Footer = () => $"{Key('w', colors)} {(watches() ? "Disable" : "Enable")} Watch   {Key('d', colors)} Detach";
        printer.DrawFooter();
        // The program does not wait for this thread: it is where keys are waited for.
        new Thread(() => Read(session.Session.Context.Input, printer, pressed)) { IsBackground = true }.Start();
        return new KeyMenu(printer, mode);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _printer.EndFooter();
        _mode.Dispose();
    }

    private static string Key(char key, bool colors) => colors ? $"\u001b[1;7m{key}\u001b[0m" : key.ToString();

    private static void Read(Stream input, LogPrinter printer, Action<char> pressed)
    {
        for (var key = input.ReadByte(); key >= 0; key = input.ReadByte())
        {
            if (key is '\n' or '\r')
                printer.Space();
            else
                pressed((char)key);
            printer.DrawFooter();
        }
    }
}
