namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>A command on a real terminal, which <c>script(1)</c> makes: what is sent is typed, what is shown is collected.</summary>
internal sealed class Terminal : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-tty-").FullName;
    private readonly Command _script;

    public Terminal(IReadOnlyList<string> command, int rows = 24, int columns = 80)
    {
        // The inner shell notes the terminal's name, so that it can be resized from outside.
        var quoted = string.Join(' ', command.Select(word => "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'"));
        _script = Command.Start(["script", "-qec", $"tty >{DeviceFile}; stty rows {rows} cols {columns}; exec {quoted}", "/dev/null"],
            new Dictionary<string, string> { ["TERM"] = "xterm", ["SHELL"] = "/bin/sh" });
    }

    public string Output => _script.Output;

    public bool HasExited => _script.HasExited;

    private string DeviceFile => Path.Combine(_folder, "device");

    /// <summary>Types a text; a line ends with <c>\r</c>, as the Enter key has it.</summary>
    public void Type(string text) => _script.Send(text);

    public void WaitFor(string text) => _script.WaitForOutput(text);

    /// <summary>Changes the size of the window, which tells the client by SIGWINCH.</summary>
    public void Resize(int rows, int columns) =>
        Command.Run(["stty", "-F", File.ReadAllText(DeviceFile).Trim(), "rows", $"{rows}", "cols", $"{columns}"]).Succeeded();

    /// <summary>Waits for the end; the exit code is the command's.</summary>
    public CommandResult Wait() => _script.Wait();

    public void Dispose()
    {
        _script.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
