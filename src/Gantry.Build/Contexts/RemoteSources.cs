using System.Diagnostics;
using System.Net;
using System.Text;
using Gantry.Build.Graph;
using Gantry.Build.Progress;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Contexts;

/// <summary>Brings files from the web and from git repositories.</summary>
internal sealed class RemoteSources(FileStore files)
{
    private readonly HttpClient _client = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Downloads a file; one that the server says has not changed is not sent again.</summary>
    /// <exception cref="GantryException">The server does not have it, or it is not what it has to be.</exception>
    public async Task<FileSet> DownloadAsync(HttpSource source, ProgressStep step, CancellationToken cancellation)
    {
        // What it has to be is known and here: nobody need be asked.
        if (!source.Checksum.IsEmpty && files.Contains(source.Checksum))
            return One(source, source.Checksum, null);
        using var request = new HttpRequestMessage(HttpMethod.Get, source.Url);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (!response.IsSuccessStatusCode)
                throw new GantryException(ErrorKind.NotFound, $"download {source.Url}: the server answered {(int)response.StatusCode} {response.ReasonPhrase}");
            var content = await ReceiveAsync(response, source, step, cancellation);
            return One(source, content, response.Content.Headers.LastModified);
        }
        catch (HttpRequestException error)
        {
            throw new GantryException(ErrorKind.Unavailable, $"download {source.Url}: {error.Message}", error);
        }
    }

    /// <summary>Checks a repository out, with the git of this machine.</summary>
    /// <exception cref="GantryException">Git is not installed, or fails.</exception>
    public async Task<FileSet> CheckOutAsync(GitSource source, ProgressStep step, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("gantry-git-").FullName;
        try
        {
            await GitAsync(folder, step, cancellation, "init", "-q", ".");
            await FetchAsync(folder, source, step, cancellation);
            await GitAsync(folder, step, cancellation, "-c", "advice.detachedHead=false", "checkout", "-q", "FETCH_HEAD");
            if (source.Checksum.Length > 0)
            {
                var commit = await GitAsync(folder, step, cancellation, "rev-parse", "HEAD");
                if (!commit.StartsWith(source.Checksum, StringComparison.Ordinal))
                    throw GantryException.Invalid($"expected checksum to match {source.Checksum}, got {commit.Trim()}");
            }
            if (File.Exists(Path.Combine(folder, ".gitmodules")))
                await GitAsync(folder, step, cancellation, "submodule", "update", "-q", "--init", "--recursive", "--depth=1");
            if (!source.KeepGitFolder)
                DirectoryTree.Remove(Path.Combine(folder, ".git"));
            return await Task.Run(() => new FolderReader(files).Read(folder, source.Subfolder, cancellation), cancellation);
        }
        finally
        {
            DirectoryTree.Remove(folder);
        }
    }

    private static async Task FetchAsync(string folder, GitSource source, ProgressStep step, CancellationToken cancellation)
    {
        string[] what = ["--no-tags", "--", source.Remote, source.Revision.Length > 0 ? source.Revision : "HEAD"];
        try
        {
            await GitAsync(folder, step, cancellation, ["fetch", "-q", "--depth=1", .. what]);
        }
        catch (GantryException)
        {
            // A server of plain files, and some of git, give no part of a history. What else is wrong is so again, and told.
            await GitAsync(folder, step, cancellation, ["fetch", "-q", .. what]);
        }
    }

    private async Task<Digest> ReceiveAsync(HttpResponseMessage response, HttpSource source, ProgressStep step, CancellationToken cancellation)
    {
        using var writer = files.Create();
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[1 << 16];
        long done = 0;
        int count;
        while ((count = await body.ReadAsync(buffer, cancellation)) > 0)
        {
            writer.Write(buffer.AsSpan(0, count));
            done += count;
            step.Part(source.FileName, "downloading", done, response.Content.Headers.ContentLength ?? 0);
        }
        var digest = writer.Commit();
        return source.Checksum.IsEmpty || digest == source.Checksum
            ? digest : throw GantryException.Invalid($"digest mismatch {digest}: {source.Checksum}");
    }

    private FileSet One(HttpSource source, Digest content, DateTimeOffset? modified)
    {
        using var file = files.Open(content);
        return new FileSet(
        [
            new FileSetEntry
            {
                Path = source.FileName, Kind = FileKind.Regular, Permissions = source.Permissions, UserId = source.UserId, GroupId = source.GroupId,
                Size = FileStatusReader.Read(file).Size, Content = content, Modified = new FileTime(modified?.ToUnixTimeSeconds() ?? 0, 0),
            },
        ]);
    }

    private static async Task<string> GitAsync(string folder, ProgressStep step, CancellationToken cancellation, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
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
