using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.Oci;
using Gantry.Oci.Values;
using Gantry.Os.Files;

namespace Gantry.Build.Contexts;

/// <summary>
/// Checks git repositories out, with the git of this machine. What the builder lends is used for it, as BuildKit does: the secrets <c>GIT_AUTH_TOKEN</c> and
/// <c>GIT_AUTH_HEADER</c>, first those with the host behind (<c>GIT_AUTH_TOKEN.github.com</c>), and the agent <c>default</c> for SSH.
/// </summary>
/// <param name="files">Where the files' content goes.</param>
internal sealed class GitCheckout(FileStore files)
{
    private const int LeastOfCommit = 7;

    /// <summary>Reads a repository.</summary>
    /// <exception cref="GantryException">Git is not installed or fails (Unavailable), or the commit is another one (InvalidArgument).</exception>
    public async Task<FileSet> ReadAsync(GitReference reference, IBuildCredentials credentials, ProgressStep step, CancellationToken cancellation)
    {
        var folder = files.CreateFolder();
        try
        {
            var git = new Git(folder, await EnvironmentAsync(reference, credentials, cancellation), step, cancellation);
            await git.RunAsync("init", "-q", ".");
            await git.RunAsync("-c", "advice.detachedHead=false", "checkout", "-q", await FetchAsync(git, reference));
            var commit = (await git.RunAsync("rev-parse", "HEAD")).Trim();
            if (!commit.StartsWith(reference.Commit, StringComparison.Ordinal))
                throw GantryException.Invalid($"expected checksum to match {reference.Commit}, got {commit}");
            if (reference.HasSubmodules && File.Exists(Path.Combine(folder, ".gitmodules")))
                await WithoutHistoryAsync(depth => git.RunAsync(["submodule", "update", "-q", "--init", "--recursive", .. depth]));
            var time = reference.HasCommitTimes ? long.Parse(await git.RunAsync("log", "-1", "--format=%ct"), CultureInfo.InvariantCulture) : (long?)null;
            if (reference.KeepsGitFolder != true)
                RemoveGitFiles(folder);
            return await Task.Run(() => Read(folder, reference.Subfolder, time, cancellation), cancellation);
        }
        finally
        {
            DirectoryTree.Remove(folder);
        }
    }

    private FileSet Read(string folder, string below, long? time, CancellationToken cancellation)
    {
        var found = new FolderReader(files).Read(folder, below, cancellation);
        return time is { } seconds ? new FileSet(found.Entries.Select(entry => entry with { Modified = new FileTime(seconds, 0) })) : found;
    }

    /// <summary>Brings what is wanted.</summary>
    /// <returns>Its name for a checkout.</returns>
    private static async Task<string> FetchAsync(Git git, GitReference reference)
    {
        const string fetched = "FETCH_HEAD";
        var wanted = reference.FetchesCommit || reference.Revision.Length == 0 && reference.Commit.Length > 0 ? reference.Commit
            : reference.Revision.Length > 0 ? reference.Revision : "HEAD";
        try
        {
            await WithoutHistoryAsync(depth => git.RunAsync(["fetch", "-q", .. depth, "--no-tags", "--", reference.Remote, wanted]));
            return fetched;
        }
        catch (GantryException) when (IsCommit(wanted))
        {
            // Few servers give a commit that no name leads to, and none one by the beginning of its name.
            await git.RunAsync("fetch", "-q", "--", reference.Remote, "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*");
            return wanted;
        }
    }

    /// <summary>
    /// A server of plain files, and some of git, give no part of a history: then all of it is brought. What else is wrong is so again, and told.
    /// </summary>
    private static async Task WithoutHistoryAsync(Func<string[], Task> bring)
    {
        try
        {
            await bring(["--depth=1"]);
        }
        catch (GantryException)
        {
            await bring([]);
        }
    }

    private static bool IsCommit(string revision) => revision.Length >= LeastOfCommit && revision.All(char.IsAsciiHexDigit);

    /// <summary>The folder <c>.git</c>; of submodules it is a file.</summary>
    private static void RemoveGitFiles(string folder)
    {
        DirectoryTree.Remove(Path.Combine(folder, ".git"));
        foreach (var file in Directory.EnumerateFiles(
            folder, ".git", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }))
            File.Delete(file);
    }

    private static async Task<Dictionary<string, string>> EnvironmentAsync(
        GitReference reference, IBuildCredentials credentials, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string>
        {
            ["GIT_TERMINAL_PROMPT"] = "0",
            // Also for what submodules name: no files and no programs of this machine.
            ["GIT_ALLOW_PROTOCOL"] = "http:https:git:ssh",
            ["GIT_SSH_COMMAND"] = "ssh -o BatchMode=yes -o StrictHostKeyChecking=accept-new",
        };
        if (reference.UsesSsh)
        {
            if (await credentials.FindAgentAsync("default", cancellation) is { } agent)
                environment["SSH_AUTH_SOCK"] = agent;
        }
        else if (Uri.TryCreate(reference.Remote, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            && await HeaderAsync(address.Host, credentials, cancellation) is { } header)
        {
            // By the environment: the arguments of a process can be read by all.
            environment["GIT_CONFIG_COUNT"] = "1";
            environment["GIT_CONFIG_KEY_0"] = $"http.{address.GetLeftPart(UriPartial.Authority)}/.extraheader";
            environment["GIT_CONFIG_VALUE_0"] = $"Authorization: {header}";
        }
        return environment;
    }

    private static async Task<string?> HeaderAsync(string host, IBuildCredentials credentials, CancellationToken cancellation)
    {
        foreach (var suffix in (string[])[$".{host}", ""])
        {
            if (await credentials.FindSecretAsync($"GIT_AUTH_HEADER{suffix}", cancellation) is { } header)
                return Encoding.UTF8.GetString(header.Span).Trim();
            if (await credentials.FindSecretAsync($"GIT_AUTH_TOKEN{suffix}", cancellation) is { } token)
                return "basic " + Convert.ToBase64String([.. "x-access-token:"u8, .. token.Span]);
        }
        return null;
    }

    /// <summary>Runs git in one folder.</summary>
    private sealed class Git(string folder, IReadOnlyDictionary<string, string> environment, ProgressStep step, CancellationToken cancellation)
    {
        /// <summary>Runs a command; what it complains of becomes progress.</summary>
        /// <returns>What it prints.</returns>
        /// <exception cref="GantryException">It fails, or there is no git (Unavailable).</exception>
        public async Task<string> RunAsync(params string[] arguments)
        {
            var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
            foreach (var (name, value) in environment)
                start.Environment[name] = value;
            try
            {
                using var process = Process.Start(start)!;
                await using var kill = cancellation.Register(() => process.Kill(entireProcessTree: true));
                var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                var errors = await process.StandardError.ReadToEndAsync(CancellationToken.None);
                await process.WaitForExitAsync(cancellation);
                if (errors.Length > 0)
                    step.Log(2, Encoding.UTF8.GetBytes(errors));
                return process.ExitCode == 0 ? await output
                    : throw new GantryException(ErrorKind.Unavailable, $"git {string.Join(' ', arguments)}: {errors.Trim()}");
            }
            catch (System.ComponentModel.Win32Exception error)
            {
                throw new GantryException(ErrorKind.Unavailable, "git is not installed on the host: install it to build from repositories", error);
            }
        }
    }
}
