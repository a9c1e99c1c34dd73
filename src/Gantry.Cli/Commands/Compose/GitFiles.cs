using System.Diagnostics;
using Gantry.Compose;
using Gantry.Compose.Files;

namespace Gantry.Cli.Commands.Compose;

/// <summary>Compose files in git repositories: <c>https://host/project.git#branch:folder</c>. A commit is fetched once, into the user's cache.</summary>
/// <param name="cache">The folder of the cache.</param>
/// <param name="warn">Takes messages for the user.</param>
internal sealed class GitFiles(string cache, Action<string> warn)
{
    private const int CommitLength = 40;

    /// <summary>Fetches what an address names.</summary>
    /// <returns>The local compose file.</returns>
    /// <exception cref="ComposeException">There is no such repository, commit or file.</exception>
    public string Fetch(string address)
    {
        // 1. Which commit.
        var (repository, revision, below) = Parse(address);
        var commit = IsCommit(revision) ? revision : Resolve(repository, revision);

        // 2. Its files, if they are not here: whole, or not at all.
        var folder = Path.Combine(cache, commit);
        if (!Directory.Exists(folder))
        {
            var temporary = $"{folder}.{Environment.ProcessId}";
            Directory.CreateDirectory(temporary);
            try
            {
                Git(temporary, "init", "-q", ".");
                Git(temporary, "fetch", "-q", "--depth=1", "--no-tags", "--", repository, commit);
                Git(temporary, "-c", "advice.detachedHead=false", "checkout", "-q", "FETCH_HEAD");
                Directory.Move(temporary, folder);
            }
            catch
            {
                Directory.Delete(temporary, recursive: true);
                throw;
            }
        }

        // 3. The file.
        var place = Path.GetFullPath(Path.Combine(folder, below.TrimStart('/')));
        if (!(place + "/").StartsWith(folder + "/", StringComparison.Ordinal))
            throw new ComposeException($"{address}: {below} is not in the repository");
        if (File.Exists(place))
            return place;
        return Directory.Exists(place) && FileFinder.ByName(place, warn) is { Count: > 0 } found ? found[0]
            : throw new ComposeException($"{address}: no configuration file provided: not found");
    }

    private static (string Repository, string Revision, string Below) Parse(string address)
    {
        var parts = address.Split('#', 2);
        var repository = parts[0].StartsWith("github.com/", StringComparison.Ordinal) ? "https://" + parts[0] : parts[0];
        var fragment = parts.Length > 1 ? parts[1].Split(':', 2) : [];
        return (repository, fragment is [{ Length: > 0 }, ..] ? fragment[0] : "HEAD", fragment.Length > 1 ? fragment[1] : "");
    }

    private static bool IsCommit(string revision) => revision.Length == CommitLength && revision.All(char.IsAsciiHexDigitLower);

    private static string Resolve(string repository, string revision)
    {
        var line = Git(".", "ls-remote", "--exit-code", "--", repository, revision).Split('\n')[0];
        var commit = line.Split('\t')[0];
        return IsCommit(commit) ? commit : throw new ComposeException($"{repository}: there is no {revision}");
    }

    private static string Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0 ? output
                : throw new ComposeException($"git {string.Join(' ', arguments)} failed: {errors.GetAwaiter().GetResult().Trim()}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new ComposeException("unable to find 'git': install it to use compose files in repositories");
        }
    }
}
