using System.Collections.Concurrent;
using System.Text;
using Gantry.Build;
using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.BuildKit.Sessions;
using Gantry.Engine.Build;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Oci.Values;
using Gantry.Os.Files;

namespace Gantry.BuildKit.Gateway;

/// <summary>The contexts of a build whose folders are the client's: each is received once, and only when a step needs it.</summary>
/// <param name="session">The client.</param>
/// <param name="credentials">What the client lends.</param>
/// <param name="builds">Keeps contents, and knows what was sent before.</param>
/// <param name="attributes">What the client said of its contexts.</param>
/// <param name="clock">The time.</param>
internal sealed class ClientContexts(
    ClientSession session, IBuildCredentials credentials, BuildService builds, FrontendAttributes attributes, TimeProvider clock) : IBuildContexts
{
    private const int MostDockerfileBytes = 8 << 20;
    private readonly ConcurrentDictionary<string, Lazy<Task<FileSet>>> _read = new();
    private string? _ignored;
    private Task<FileSet>? _remote;

    /// <summary>Reads the Dockerfile, and the patterns that belong to it.</summary>
    /// <exception cref="GantryException">There is none.</exception>
    public async Task<SourceFile> ReadDockerfileAsync(ProgressStep step, CancellationToken cancellation)
    {
        var name = attributes.DockerfileName;
        if (attributes.RemoteContext.Length > 0 && !attributes.HasDockerfileFolder)
            return await RemoteDockerfileAsync(name, step, cancellation);
        var names = new List<string> { name, $"{name}.dockerignore" };
        // The lower-case name is known, too, as docker knows it.
        var lower = Path.GetFileName(name) == "Dockerfile" ? Path.Combine(Path.GetDirectoryName(name) ?? "", "dockerfile") : null;
        if (lower is not null)
            names.Add(lower);
        var order = new FolderOrder(attributes.DockerfileFolder) { FollowPaths = names };
        var files = await ReceiveAsync(order, "dockerfile", "dockerfile", step, cancellation);
        if (Text(files, names[1]) is { } patterns)
            _ignored = patterns;
        var text = Text(files, name) ?? (lower is null ? null : Text(files, lower));
        return text is null ? throw GantryException.Invalid($"failed to read dockerfile: open {name}: no such file or directory") : new SourceFile(name, text);
    }

    /// <summary>The patterns of what the build context leaves out; nothing for one that is no folder of the client.</summary>
    public async Task<string> ReadIgnoredAsync(BuildProgress progress, CancellationToken cancellation) =>
        _ignored ??= attributes.RemoteContext.Length > 0 ? "" : await ReadPatternsAsync(attributes.ContextFolder, progress, cancellation);

    /// <inheritdoc/>
    public Task<FileSet> ReadAsync(string name, BuildProgress progress, CancellationToken cancellation) =>
        _read.GetOrAdd(name, _ => new Lazy<Task<FileSet>>(() => LoadAsync(name, progress, cancellation))).Value;

    private async Task<FileSet> LoadAsync(string name, BuildProgress progress, CancellationToken cancellation)
    {
        if (name == "context")
        {
            if (attributes.RemoteContext.Length > 0)
                return new ContextFilter(builds.Files).Apply(await RemoteAsync(progress, cancellation), attributes.DockerfileName);
            var patterns = _ignored ?? await ReadPatternsAsync(attributes.ContextFolder, progress, cancellation);
            return await progress.Begin("[internal] load build context").RunAsync(step => ReceiveAsync(
                new FolderOrder(attributes.ContextFolder) { ExcludePatterns = Patterns(patterns) }, "context", "context", step, cancellation));
        }
        var (key, place) = attributes.Contexts.FirstOrDefault(context => context.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (key is null)
            throw GantryException.NotFound($"there is no build context \"{name}\"");
        if (GitReference.IsRemoteContext(place))
            return await progress.Begin($"[context {key}] {place}")
                .RunAsync(step => builds.FetchAsync(place, keepsGitFolder: false, credentials, step, cancellation));
        if (!place.StartsWith("local:", StringComparison.Ordinal))
            throw GantryException.NotImplemented(
                $"the context {key}={place} is not implemented in this version of Gantry: folders, images, archives and repositories are");
        var folder = place["local:".Length..];
        var ignored = await ReadPatternsAsync(folder, progress, cancellation);
        return await progress.Begin($"[context {key}] load from client").RunAsync(step => ReceiveAsync(
            new FolderOrder(folder) { ExcludePatterns = Patterns(ignored) }, $"context {key}", key, step, cancellation));
    }

    private async Task<SourceFile> RemoteDockerfileAsync(string name, ProgressStep step, CancellationToken cancellation)
    {
        var files = await (_remote ??= RemoteContext.ReadAsync(attributes, session, credentials, builds, step, cancellation));
        return new ContextDockerfile(builds.Files).Read(files, ImageBuilder.IsDockerfileAlone(files) ? ImageBuilder.FetchedDockerfile : name);
    }

    private Task<FileSet> RemoteAsync(BuildProgress progress, CancellationToken cancellation) =>
        _remote ??= progress.Begin("[internal] load remote build context")
        .RunAsync(step => RemoteContext.ReadAsync(attributes, session, credentials, builds, step, cancellation));

    private Task<string> ReadPatternsAsync(string folder, BuildProgress progress, CancellationToken cancellation) =>
        progress.Begin("[internal] load .dockerignore").RunAsync(async step =>
        {
            var order = new FolderOrder(folder) { FollowPaths = [".dockerignore"] };
            var files = await ReceiveAsync(order, $"{folder}-.dockerignore", "context", step, cancellation);
            return Text(files, ".dockerignore") ?? "";
        });

    /// <summary>The patterns one by one; a malformed one is an error here, where it can be told.</summary>
    private static List<string> Patterns(string text)
    {
        PatternList.Parse(text);
        return [.. text.TrimStart('\ufeff').Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line[0] == '!' ? "!" + Clean(line[1..].Trim()) : Clean(line))];
    }

    /// <summary>The form in which clients take patterns: relative to the folder.</summary>
    private static string Clean(string pattern) => pattern.Length > 1 ? pattern.TrimStart('/') : pattern;

    private Task<FileSet> ReceiveAsync(FolderOrder order, string hint, string what, ProgressStep step, CancellationToken cancellation)
    {
        var key = $"session\n{session.Head.SharedKey}\n{hint}\n{string.Join('\n', order.FollowPaths)}";
        return new FolderReceiver(session, builds.Files, builds.Contexts, clock).ReceiveAsync(order, key, what, step, cancellation);
    }

    private string? Text(FileSet files, string path) => files.Find(path) is { Kind: FileKind.Regular, Size: <= MostDockerfileBytes } file
        ? Encoding.UTF8.GetString(builds.Files.ReadBytes(file.Content)) : null;
}
