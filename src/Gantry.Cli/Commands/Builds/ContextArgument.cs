using Gantry.Api.Model;
using Gantry.Cli.Session;
using Gantry.Oci.Filters;
using Gantry.Oci.Values;

namespace Gantry.Cli.Commands.Builds;

/// <summary>What the argument of <c>build</c> means: a folder, the standard input, or something elsewhere, which the daemon fetches.</summary>
internal sealed record ContextArgument
{
    private const int MostDockerfileBytes = 8 << 20;

    /// <summary>The folder with the files; empty: it is none.</summary>
    public string Folder { get; private init; } = "";

    /// <summary>The repository or the file from the web that the daemon fetches; empty: it is none.</summary>
    public string Remote { get; private init; } = "";

    /// <summary>The archive with the files, which the daemon takes apart; null: it is none.</summary>
    public Stream? Archive { get; private init; }

    /// <summary>The Dockerfile's text; empty: it is in what the daemon gets.</summary>
    public string Dockerfile { get; private init; } = "";

    /// <summary>Its name for messages, or its path in there.</summary>
    public string DockerfileName { get; private init; } = "Dockerfile";

    /// <summary>What is left out of the folder.</summary>
    public PatternList Ignored { get; private init; } = PatternList.Empty;

    /// <summary>Finds out.</summary>
    /// <param name="session">The standard input.</param>
    /// <param name="argument">The argument.</param>
    /// <param name="file">The value of <c>--file</c>; empty: not given.</param>
    /// <exception cref="CommandException">There is no such thing.</exception>
    public static ContextArgument Resolve(CommandSession session, string argument, string file)
    {
        if (argument == "-")
            return file != "-" ? FromInput(session.Context.Input, file)
                : throw new CommandException("invalid argument: can't use stdin for both build context and dockerfile");
        var context = Further(argument, "unable to prepare context");
        if (file == "-")
            return context with { Dockerfile = ReadAll(session.Context.Input), Ignored = context.Folder.Length > 0 ? IgnoredIn(argument, null)
                : PatternList.Empty };
        if (IsWeb(file))
            return context with { Dockerfile = ReadWeb(file), Ignored = context.Folder.Length > 0 ? IgnoredIn(argument, null) : PatternList.Empty };
        return context.Folder.Length > 0 ? context.WithDockerfile(file.Length > 0 ? file : FindDockerfile(argument))
            : context with { DockerfileName = file.Length > 0 ? file : "Dockerfile" };
    }

    /// <summary>A folder with a Dockerfile that is no file in it.</summary>
    public static ContextArgument WithText(string folder, string dockerfile) => Directory.Exists(folder)
        ? new ContextArgument { Folder = folder, Dockerfile = dockerfile, Ignored = IgnoredIn(folder, null) }
        : throw new CommandException($"unable to prepare context: path \"{folder}\" not found");

    /// <summary>A context without a Dockerfile: a folder, or whatever else can be fetched.</summary>
    /// <param name="argument">The argument.</param>
    /// <param name="trying">What is being done, for the error.</param>
    /// <exception cref="CommandException">There is no such thing.</exception>
    public static ContextArgument Further(string argument, string trying = "failed to get build context")
    {
        if (Directory.Exists(argument))
            return new ContextArgument { Folder = argument };
        return GitReference.IsRemoteContext(argument) ? new ContextArgument { Remote = argument }
            : throw new CommandException($"{trying}: path \"{argument}\" not found");
    }

    private static bool IsWeb(string text) => text.StartsWith("http://", StringComparison.Ordinal) || text.StartsWith("https://", StringComparison.Ordinal);

    private static string FindDockerfile(string folder)
    {
        var usual = Path.Combine(folder, "Dockerfile");
        // What the file was called before capital letters were agreed upon.
        return File.Exists(usual) || !File.Exists(Path.Combine(folder, "dockerfile")) ? usual : Path.Combine(folder, "dockerfile");
    }

    private ContextArgument WithDockerfile(string dockerfile)
    {
        if (!File.Exists(dockerfile))
            throw new CommandException($"failed to read dockerfile: open {Path.GetFileName(dockerfile)}: no such file or directory");
        using var file = FileArgument.Open(dockerfile);
        return this with { Dockerfile = ReadAll(file), DockerfileName = Path.GetFileName(dockerfile), Ignored = IgnoredIn(Folder, dockerfile) };
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
        var whole = new PrefixedStream(head.AsMemory(0, count), input);
        return IsArchive(head.AsSpan(0, count))
            ? new ContextArgument { Archive = whole, DockerfileName = file.Length > 0 ? file : "Dockerfile" }
            : new ContextArgument { Dockerfile = ReadAll(whole) };
    }

    /// <summary>A tar archive, or what gzip, bzip2, xz or zstd has made of one.</summary>
    private static bool IsArchive(ReadOnlySpan<byte> head) =>
        head is [0x1f, 0x8b, ..] or [(byte)'B', (byte)'Z', (byte)'h', ..] or [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..]
            or [0x28, 0xb5, 0x2f, 0xfd, ..]
        || (head.Length == 512 && head[257..].StartsWith("ustar"u8));

    private static string ReadWeb(string address)
    {
        using var client = new HttpClient();
        try
        {
            using var response = client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead).GetAwaiter().GetResult();
            response.EnsureSuccessStatusCode();
            using var body = response.Content.ReadAsStream();
            return ReadAll(body);
        }
        catch (HttpRequestException error)
        {
            throw new CommandException($"failed to read dockerfile: {address}: {error.Message}");
        }
    }

    private static string ReadAll(Stream stream)
    {
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        return text.Length <= MostDockerfileBytes ? text : throw new CommandException($"the Dockerfile has more than {MostDockerfileBytes} bytes");
    }
}
