using System.Diagnostics;
using System.Text;

namespace Gantry.EndToEnd.Tests.Harness;

/// <summary>How a command ended and what it wrote.</summary>
internal sealed record CommandResult(string CommandLine, int ExitCode, string Output, string Error)
{
    /// <summary>The output without the white space around it; fails if the command did.</summary>
    public string Text => Succeeded().Output.Trim();

    /// <summary>The lines of the output; fails if the command did.</summary>
    public string[] Lines => Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Fails unless the command ended with 0.</summary>
    public CommandResult Succeeded()
    {
        Assert.True(ExitCode == 0, ToString());
        return this;
    }

    /// <summary>Fails unless the command ended with this exit code.</summary>
    public CommandResult ExitsWith(int code)
    {
        Assert.True(ExitCode == code, $"expected exit code {code}: {this}");
        return this;
    }

    /// <summary>Fails if the command ended with 0.</summary>
    public CommandResult ExitsWithFailure()
    {
        Assert.True(ExitCode != 0, $"expected a failure: {this}");
        return this;
    }

    public override string ToString() => $"{CommandLine}\nexit code {ExitCode}\n--- output\n{Output}\n--- error\n{Error}";
}

/// <summary>A program while it runs: its output is collected as it comes.</summary>
internal sealed class Command : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly Task _reading;
    private readonly string _commandLine;

    private Command(IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment)
    {
        _commandLine = string.Join(' ', command);
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var name in (string[])["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_API_VERSION", "DOCKER_TLS_VERIFY"]) start.Environment.Remove(name);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _reading = Task.WhenAll(Collect(_process.StandardOutput, _output), Collect(_process.StandardError, _error));
    }

    public int Pid => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>What it has written to its standard output up to now.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    /// <summary>What it has written to its standard error up to now.</summary>
    public string Error
    {
        get { lock (_error) return _error.ToString(); }
    }

    public Stream Input => _process.StandardInput.BaseStream;

    public static Command Start(IReadOnlyList<string> command, IReadOnlyDictionary<string, string>? environment = null) => new(command, environment);

    /// <summary>Runs a program to its end with this standard input (none: an empty one).</summary>
    public static CommandResult Run(IReadOnlyList<string> command, byte[]? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        using var running = new Command(command, environment);
        try
        {
            if (input is not null) running.Input.Write(input);
            running.Input.Close();
        }
        catch (IOException)
        {
            // It ended without reading all of it, and says why.
        }

        return running.Wait();
    }

    /// <summary>Runs a shell command that has to succeed; gives its output.</summary>
    public static string Shell(string script) => Run(["sh", "-c", script]).Text;

    public void Send(string text)
    {
        Input.Write(Encoding.UTF8.GetBytes(text));
        Input.Flush();
    }

    public void Signal(string name) => Run(["sh", "-c", $"kill -{name} {Pid}"]).Succeeded();

    /// <summary>Waits until the output holds a text.</summary>
    public void WaitForOutput(string text) =>
        Eventually.True(() => Output.Contains(text, StringComparison.Ordinal), () =>
            $"{_commandLine}: output does not show \"{text}\":\n{Output}\n--- error\n{_error}");

    /// <summary>Waits for the end.</summary>
    public CommandResult Wait()
    {
        if (!_process.WaitForExit(s_patience) || !_reading.Wait(s_patience))
        {
            _process.Kill(entireProcessTree: true);
            Assert.Fail($"{_commandLine}: still running after {s_patience.TotalSeconds} s:\n{Output}\n--- error\n{_error}");
        }

        lock (_error) return new CommandResult(_commandLine, _process.ExitCode, Output, _error.ToString());
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private static async Task Collect(StreamReader reader, StringBuilder into)
    {
        var buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is var count and > 0)
            lock (into) into.Append(buffer, 0, count);
    }
}
