using System.Text;
using Gantry.Cli.Session;

namespace Gantry.Cli.Tests;

/// <summary>Runs a command line in this process and keeps what it writes.</summary>
internal static class CommandRunner
{
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(
        string[] arguments, string? host = null, string input = "", IReadOnlyDictionary<string, string>? environment = null,
        IUserTerminal? terminal = null)
    {
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        var exitCode = await CommandLine.RunAsync(arguments, new CliContext
        {
            ProgramName = "docker",
            Input = new MemoryStream(Encoding.UTF8.GetBytes(input)),
            Output = output,
            Error = error,
            Terminal = terminal ?? new NoTerminal(),
            Environment = name => name switch
            {
                "DOCKER_HOST" => host,
                "DOCKER_CONFIG" => environment?.GetValueOrDefault(name) ?? "/nonexistent",
                _ => environment?.GetValueOrDefault(name),
            },
        });
        return (exitCode, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(error.ToArray()));
    }

    /// <summary>Splits a line at spaces outside single quotes, as a shell does.</summary>
    public static string[] Split(string line)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var quoted = false;
        foreach (var letter in line)
        {
            if (letter == '\'')
                quoted = !quoted;
            else if (letter == ' ' && !quoted)
            {
                words.Add(word.ToString());
                word.Clear();
            }
            else
            {
                word.Append(letter);
            }
        }
        words.Add(word.ToString());
        return [.. words];
    }

    private sealed class NoTerminal : IUserTerminal
    {
        public bool InputIsTerminal => false;

        public bool OutputIsTerminal => false;

        public (int Rows, int Columns)? Size => null;

        public (int Rows, int Columns)? ErrorSize => null;

        public IDisposable EnterRawMode() => throw new InvalidOperationException("there is no terminal");

        public IDisposable? EnterKeyMode() => throw new InvalidOperationException("there is no terminal");
    }
}
