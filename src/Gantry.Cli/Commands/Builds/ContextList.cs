using System.Buffers.Binary;
using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Oci.Filters;

namespace Gantry.Cli.Commands.Builds;

/// <summary>The contexts of a build that this client has: the build context, unless it is elsewhere, and the further ones that are folders.</summary>
internal sealed class ContextList : IDisposable
{
    private const string CachePrefix = "cache:";
    private const string LayoutPrefix = "layout-";
    private const string LayoutScheme = "oci-layout://";
    private readonly List<IClientContext> _contexts = [];

    /// <param name="context">The build context.</param>
    /// <param name="further">The further ones: names, and where they are.</param>
    /// <param name="request">Is told of all.</param>
    /// <param name="warn">Is told of local caches that are not there: the first build that shall fill one does without.</param>
    /// <exception cref="CommandException">One is not there, or of a kind that is not offered.</exception>
    public ContextList(ContextArgument context, IReadOnlyDictionary<string, string> further, BuildSessionRequest request, Action<string> warn)
    {
        var names = new List<string>();
        request.Remote = context.Archive is null ? context.Remote : BuildSessionRequest.SentArchive;
        if (context.Archive is not null)
            Add(BuildSessionRequest.SentArchive, new ArchiveContext(context.Archive), names);
        if (context.Folder.Length > 0)
            Add("context", new FolderContext(context.Folder, context.Ignored), names);
        var images = new Dictionary<string, string>();
        var remotes = new Dictionary<string, string>();
        foreach (var (name, place) in further)
        {
            if (place.StartsWith("docker-image://", StringComparison.Ordinal))
            {
                images[name] = place;
                continue;
            }
            if (place.StartsWith(LayoutScheme, StringComparison.Ordinal))
            {
                images[name] = AddLayout(place[LayoutScheme.Length..], names);
                continue;
            }
            if (place.StartsWith("target:", StringComparison.Ordinal))
                throw new CommandException(
                    $"the build context {name}={place} means a target of a bake file, and there is none: give a folder, a repository, docker-image://… or oci-layout://…");
            var argument = ContextArgument.Further(place);
            if (argument.Remote.Length > 0)
                remotes[name] = argument.Remote;
            else
                Add(name, new FolderContext(argument.Folder, PatternList.Empty), names);
        }
        AddCaches(request, names, warn);
        (request.NamedImages, request.NamedRemotes) = (images, remotes);
        request.Contexts = [.. names.Zip(_contexts, (name, folder) => new BuildSessionContext { Name = name, Key = folder.Key, OnDemand = IsOnDemand(name) })];
    }

    /// <summary>Sends the names of all files.</summary>
    public async Task SendEntriesAsync(BuildConnection connection)
    {
        for (var i = 0; i < _contexts.Count; i++)
            await _contexts[i].SendEntriesAsync(connection, i).ConfigureAwait(false);
        await connection.SendAsync(BuildFrame.EntriesEnd, default).ConfigureAwait(false);
    }

    /// <summary>Sends the content of files that the daemon lacks. One that has had enough ends the connection; why, it has said before.</summary>
    public async Task SendContentAsync(BuildConnection connection, ReadOnlyMemory<byte> needed)
    {
        try
        {
            for (var at = 0; at < needed.Length; at += 8)
            {
                var context = BinaryPrimitives.ReadInt32LittleEndian(needed.Span[at..]);
                var number = BinaryPrimitives.ReadInt32LittleEndian(needed.Span[(at + 4)..]);
                await _contexts[context].SendContentAsync(connection, context, number).ConfigureAwait(false);
            }
            await connection.FlushAsync().ConfigureAwait(false);
        }
        catch (IOException) when (connection.IsRefused)
        {
            // Its last message is received next; if there is none, that is told.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _contexts.ForEach(static context => context.Dispose());

    private static bool IsOnDemand(string name) =>
        name == BuildSessionRequest.SentArchive || name.StartsWith(CachePrefix, StringComparison.Ordinal)
            || name.StartsWith(LayoutPrefix, StringComparison.Ordinal);

    /// <summary>The folders of local caches: their files are asked for when they are needed.</summary>
    private void AddCaches(BuildSessionRequest request, List<string> names, Action<string> warn)
    {
        var found = new List<BuildSessionOutput>();
        foreach (var from in request.CacheFrom ?? [])
        {
            if (from.Type == "local")
            {
                var folder = CacheArgument.FolderOf(from, "src");
                if (!File.Exists(Path.Combine(folder, "index.json")))
                {
                    warn($"local cache import at {folder} not found: it has no index.json");
                    continue;
                }
                AddCache(from, folder, names);
            }
            found.Add(from);
        }
        request.CacheFrom = found;
        foreach (var to in (request.CacheTo ?? []).Where(static cache => cache.Type == "local"))
        {
            var folder = CacheArgument.FolderOf(to, "dest");
            AddCache(to, folder, names);
        }
    }

    /// <summary>An OCI layout: its path, and behind it a tag, a digest, or both.</summary>
    private string AddLayout(string place, List<string> names)
    {
        var at = place.IndexOf('@', StringComparison.Ordinal);
        var path = at < 0 ? place : place[..at];
        var colon = path.LastIndexOf(':');
        var folder = colon > path.LastIndexOf('/') ? path[..colon] : path;
        if (!File.Exists(Path.Combine(folder, "index.json")))
            throw new CommandException($"oci-layout://{place}: {folder} is no OCI layout: it has no index.json");
        var context = $"{LayoutPrefix}{names.Count}";
        Add(context, new FolderContext(folder, PatternList.Empty), names);
        return $"{LayoutScheme}{context}{place[folder.Length..]}";
    }

    private void AddCache(BuildSessionOutput cache, string folder, List<string> names)
    {
        cache.Context = $"{CachePrefix}{names.Count}";
        // One to write to is made when there is something to write.
        Add(cache.Context, Directory.Exists(folder) ? new FolderContext(folder, PatternList.Empty) : new MissingFolder(folder), names);
    }

    private void Add(string name, IClientContext context, List<string> names)
    {
        names.Add(name);
        _contexts.Add(context);
    }
}
