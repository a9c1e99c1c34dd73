using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using Gantry.Cli.Session;
using Gantry.Oci.Filters;
using Gantry.Os.Files;

namespace Gantry.Cli.Commands.Builds;

/// <summary>What the argument of <c>build</c> means: a folder, the standard input, an archive or a repository somewhere.</summary>
internal sealed class ContextArgument : IDisposable
{
    private const int MostDockerfileBytes = 8 << 20;
    private string? _temporary;

    private ContextArgument(string folder, string dockerfile, string dockerfileName, PatternList ignored) =>
        (Folder, Dockerfile, DockerfileName, Ignored) = (folder, dockerfile, dockerfileName, ignored);

    /// <summary>The folder with the files; empty: there are none.</summary>
    public string Folder { get; }

    /// <summary>The Dockerfile's text.</summary>
    public string Dockerfile { get; }

    /// <summary>Its name for messages.</summary>
    public string DockerfileName { get; }

    /// <summary>What is left out of the folder.</summary>
    public PatternList Ignored { get; }

    /// <summary>Finds out.</summary>
    /// <param name="session">The standard input.</param>
    /// <param name="argument">The argument.</param>
    /// <param name="file">The value of <c>--file</c>; empty: not given.</param>
    /// <exception cref="CommandException">There is no such thing.</exception>
    public static ContextArgument Resolve(CommandSession session, string argument, string file)
    {
        if (argument == "-" && file == "-")
            throw new CommandException("invalid argument: can't use stdin for both build context and dockerfile");
        if (argument == "-")
            return FromInput(session.Context.Input, file);
        if (IsRepository(argument))
            return FromRepository(argument, file);
        if (argument.StartsWith("http://", StringComparison.Ordinal) || argument.StartsWith("https://", StringComparison.Ordinal))
            return FromWeb(argument, file);
        if (!Directory.Exists(argument))
            throw new CommandException($"unable to prepare context: path \"{argument}\" not found");
        if (file == "-")
            return new ContextArgument(argument, ReadAll(session.Context.Input), "Dockerfile", IgnoredIn(argument, null));
        return FromFolder(argument, file.Length > 0 ? file : FindDockerfile(argument));
    }

    /// <summary>A folder with a Dockerfile that is no file in it.</summary>
    public static ContextArgument WithText(string folder, string dockerfile) => Directory.Exists(folder)
        ? new ContextArgument(folder, dockerfile, "Dockerfile", IgnoredIn(folder, null))
        : throw new CommandException($"unable to prepare context: path \"{folder}\" not found");

    /// <summary>A further context: a folder, or whatever else can be fetched.</summary>
    public static ContextArgument Further(string argument)
    {
        if (IsRepository(argument))
            return FromRepository(argument, null);
        return Directory.Exists(argument) ? new ContextArgument(argument, "", "", PatternList.Empty)
            : throw new CommandException($"failed to get build context: path \"{argument}\" not found");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_temporary is not null)
            DirectoryTree.Remove(_temporary);
    }

    private static string FindDockerfile(string folder)
    {
        var usual = Path.Combine(folder, "Dockerfile");
        // What the file was called before capital letters were agreed upon.
        return File.Exists(usual) || !File.Exists(Path.Combine(folder, "dockerfile")) ? usual : Path.Combine(folder, "dockerfile");
    }

    private static ContextArgument FromFolder(string folder, string dockerfile)
    {
        if (!File.Exists(dockerfile))
            throw new CommandException($"failed to read dockerfile: open {Path.GetFileName(dockerfile)}: no such file or directory");
        using var file = FileArgument.Open(dockerfile);
        return new ContextArgument(folder, ReadAll(file), Path.GetFileName(dockerfile), IgnoredIn(folder, dockerfile));
    }

    private static PatternList IgnoredIn(string folder, string? dockerfile)
    {
        foreach (var path in (string?[])[dockerfile is null ? null : dockerfile + ".dockerignore", Path.Combine(folder, ".dockerignore")])
        {
            if (path is not null && File.Exists(path))
                return PatternList.Parse(FileArgument.ReadText(path));
        }
        return PatternList.Empty;
    }

    /// <summary>A Dockerfile, or an archive with one in it: its first bytes tell.</summary>
    private static ContextArgument FromInput(Stream input, string file)
    {
        var head = new byte[512];
        var count = input.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        using var whole = new MemoryStream();
        whole.Write(head, 0, count);
        if (!IsArchive(head.AsSpan(0, count)))
        {
            input.CopyTo(whole);
            whole.Position = 0;
            return new ContextArgument("", ReadAll(whole), "Dockerfile", PatternList.Empty);
        }
        return FromArchive(new ConcatenatedStream(head.AsMemory(0, count), input), head, file);
    }

    private static bool IsArchive(ReadOnlySpan<byte> head) =>
        head is [0x1f, 0x8b, ..] || (head.Length == 512 && head[257..].StartsWith("ustar"u8));

    private static ContextArgument FromArchive(Stream archive, ReadOnlySpan<byte> head, string file)
    {
        var folder = Directory.CreateTempSubdirectory("gantry-context-").FullName;
        try
        {
            using var plain = head is [0x1f, 0x8b, ..] ? new GZipStream(archive, CompressionMode.Decompress) : archive;
            TarFile.ExtractToDirectory(plain, folder, overwriteFiles: true);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            DirectoryTree.Remove(folder);
            throw new CommandException($"unable to prepare context: {error.Message}");
        }
        return Owned(folder, folder, file);
    }

    private static ContextArgument FromWeb(string address, string file)
    {
        using var client = new HttpClient();
        try
        {
            using var response = client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead).GetAwaiter().GetResult();
            response.EnsureSuccessStatusCode();
            using var body = response.Content.ReadAsStream();
            return FromInput(body, file);
        }
        catch (HttpRequestException error)
        {
            throw new CommandException($"unable to prepare context: {address}: {error.Message}");
        }
    }

    private static bool IsRepository(string argument)
    {
        var address = argument.Split('#')[0];
        return address.StartsWith("git://", StringComparison.Ordinal) || address.StartsWith("git@", StringComparison.Ordinal) || address.StartsWith("ssh://", StringComparison.Ordinal)
            || (address.Contains("://", StringComparison.Ordinal) && address.EndsWith(".git", StringComparison.Ordinal));
    }

    private static ContextArgument FromRepository(string argument, string? file)
    {
        var hash = argument.IndexOf('#', StringComparison.Ordinal);
        var fragment = hash < 0 ? "" : argument[(hash + 1)..];
        var colon = fragment.IndexOf(':', StringComparison.Ordinal);
        var revision = colon < 0 ? fragment : fragment[..colon];
        var folder = Directory.CreateTempSubdirectory("gantry-context-").FullName;
        try
        {
            Git(folder, "init", "-q", ".");
            Git(folder, "fetch", "-q", "--depth=1", "--no-tags", "--", hash < 0 ? argument : argument[..hash], revision.Length > 0 ? revision : "HEAD");
            Git(folder, "-c", "advice.detachedHead=false", "checkout", "-q", "FETCH_HEAD");
            DirectoryTree.Remove(Path.Combine(folder, ".git"));
            var below = Path.GetFullPath(Path.Combine(folder, colon < 0 ? "" : fragment[(colon + 1)..].TrimStart('/')));
            if (!(below + "/").StartsWith(folder + "/", StringComparison.Ordinal) || !Directory.Exists(below))
                throw new CommandException($"unable to prepare context: there is no folder {fragment[(colon + 1)..]} in the repository");
            return Owned(folder, below, file);
        }
        catch
        {
            DirectoryTree.Remove(folder);
            throw;
        }
    }

    private static ContextArgument Owned(string temporary, string folder, string? file)
    {
        var found = file is null ? new ContextArgument(folder, "", "", PatternList.Empty)
            : FromFolder(folder, file.Length > 0 ? Path.Combine(folder, file) : FindDockerfile(folder));
        found._temporary = temporary;
        return found;
    }

    private static void Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new CommandException($"unable to prepare context: git {string.Join(' ', arguments)}: {errors.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new CommandException("unable to prepare context: unable to find 'git': install it to build from repositories");
        }
    }

    private static string ReadAll(Stream stream)
    {
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return text.Length <= MostDockerfileBytes ? text : throw new CommandException($"the Dockerfile has more than {MostDockerfileBytes} bytes");
    }

    /// <summary>Some bytes, then what a stream has.</summary>
    private sealed class ConcatenatedStream(ReadOnlyMemory<byte> first, Stream rest) : Stream
    {
        private ReadOnlyMemory<byte> _first = first;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (_first.IsEmpty)
                return rest.Read(buffer);
            var count = Math.Min(buffer.Length, _first.Length);
            _first.Span[..count].CopyTo(buffer);
            _first = _first[count..];
            return count;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
