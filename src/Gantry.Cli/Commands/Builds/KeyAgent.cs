using System.ComponentModel;
using System.Diagnostics;

namespace Gantry.Cli.Commands.Builds;

/// <summary>
/// An SSH agent that has the keys of some files, for as long as a command runs. It is OpenSSH's own, which whoever has keys has, too; it sees itself that
/// the program it was started for, which waits for our end, is gone.
/// </summary>
internal sealed class KeyAgent : IDisposable
{
    private static readonly TimeSpan s_start = TimeSpan.FromSeconds(10);

    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-agent-").FullName;
    private readonly Process _waiting;

    /// <summary>Starts it.</summary>
    /// <param name="keys">The files of the keys. One that has a passphrase asks for it on the terminal.</param>
    /// <exception cref="CommandException">There is no such program, or a file is no key.</exception>
    public KeyAgent(IReadOnlyList<string> keys)
    {
        try
        {
            _waiting = Start(new ProcessStartInfo("ssh-agent", ["-a", Socket, "cat"]) { RedirectStandardInput = true, RedirectStandardOutput = true });
        }
        catch
        {
            Directory.Delete(_folder, recursive: true);
            throw;
        }
        try
        {
            Await();
            foreach (var key in keys)
                Add(key);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Where it listens.</summary>
    public string Socket => Path.Combine(_folder, "agent");

    /// <inheritdoc/>
    public void Dispose()
    {
        _waiting.StandardInput.Close();
        _waiting.WaitForExit();
        _waiting.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new CommandException($"--ssh with files of keys needs OpenSSH's {start.FileName}: {error.Message}; or name an agent's socket");
        }
    }

    private void Await()
    {
        for (var began = Stopwatch.GetTimestamp(); !File.Exists(Socket); Thread.Sleep(1))
            if (_waiting.HasExited || Stopwatch.GetElapsedTime(began) > s_start)
                throw new CommandException($"ssh-agent does not listen at {Socket}");
    }

    private void Add(string key)
    {
        using var adding = Start(new ProcessStartInfo("ssh-add", ["-q", key]) { RedirectStandardError = true, Environment = { ["SSH_AUTH_SOCK"] = Socket } });
        var message = adding.StandardError.ReadToEnd().Trim();
        adding.WaitForExit();
        if (adding.ExitCode != 0)
            throw new CommandException($"--ssh: the key {key} cannot be used: {message}");
    }
}
