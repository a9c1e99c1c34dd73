using System.ComponentModel;
using System.Diagnostics;

namespace Gantry.Compose.Running;

/// <summary>Programs of others that do for a project what compose itself cannot: providers of services, docker's plugin for language models.</summary>
/// <param name="findPlugin">Finds docker's plugin of a name; null when there is none.</param>
/// <param name="findProgram">Finds a program along the search path; null when there is none.</param>
/// <param name="endpoint">The address of the daemon, for <c>DOCKER_HOST</c>.</param>
public sealed class OtherPrograms(Func<string, string?> findPlugin, Func<string, string?> findProgram, string endpoint)
{
    /// <summary>Finds docker's plugin of a name; null when there is none.</summary>
    public string? FindPlugin(string name) => findPlugin(name);

    /// <summary>Finds docker's plugin of a name, or else a program of that name.</summary>
    public string? FindPluginOrProgram(string name) => findPlugin(name) ?? findProgram(name);

    /// <summary>Runs a program to its end.</summary>
    /// <param name="program">Its path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="variables">Its environment, but for the daemon's address.</param>
    /// <param name="take">Takes each line of its output, and may answer on its input; null when that is not of interest.</param>
    /// <returns>Its exit code, and what it wrote to its standard error.</returns>
    /// <exception cref="ComposeException">It cannot be started.</exception>
    public async Task<(int ExitCode, string Error)> RunAsync(
        string program, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> variables, Action<string, TextWriter>? take)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        start.Environment["DOCKER_HOST"] = endpoint;
        using var process = Start(start);
        try
        {
            var errors = process.StandardError.ReadToEndAsync();
            while (await process.StandardOutput.ReadLineAsync().ConfigureAwait(false) is { } line)
                take?.Invoke(line, process.StandardInput);
            process.StandardInput.Close();
            await process.WaitForExitAsync().ConfigureAwait(false);
            return (process.ExitCode, (await errors.ConfigureAwait(false)).Trim());
        }
        catch
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception error)
        {
            throw new ComposeException($"cannot run {start.FileName}: {error.Message}");
        }
    }
}
