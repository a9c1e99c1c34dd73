using System.Buffers.Binary;
using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Oci.Filters;
using Gantry.Os.Files;

namespace Gantry.Cli.Commands.Builds;

/// <summary>The contexts of a build: the build context, if there is one, and the further ones that are folders.</summary>
internal sealed class ContextList : IDisposable
{
    private const string CachePrefix = "cache:";
    private const string LayoutPrefix = "layout-";
    private const string LayoutScheme = "oci-layout://";
    private readonly List<FolderContext> _folders = [];
    private readonly List<ContextArgument> _owned = [];

    /// <param name="context">The build context.</param>
    /// <param name="further">The further ones: names, and where they are.</param>
    /// <param name="request">Is told of all.</param>
    /// <param name="warn">Is told of local caches that are not there: the first build that shall fill one does without.</param>
    /// <exception cref="CommandException">One is not there, or of a kind that is not offered.</exception>
    public ContextList(ContextArgument context, IReadOnlyDictionary<string, string> further, BuildSessionRequest request, Action<string> warn)
    {
        var names = new List<string>();
        if (context.Folder.Length > 0)
            Add("context", new FolderContext(context.Folder, context.Ignored), names);
        var images = new Dictionary<string, string>();
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
                throw new CommandException($"the build context {name}={place} means a target of a bake file, and there is none: give a folder, a repository, docker-image://… or oci-layout://…");
            var argument = ContextArgument.Further(place);
            _owned.Add(argument);
            Add(name, new FolderContext(argument.Folder, PatternList.Empty), names);
        }
        AddCaches(request, names, warn);
        request.NamedImages = images;
        request.Contexts = [.. names.Zip(_folders, (name, folder) => new BuildSessionContext { Name = name, Key = folder.Key, OnDemand = name.StartsWith(CachePrefix, StringComparison.Ordinal) || name.StartsWith(LayoutPrefix, StringComparison.Ordinal) })];
    }

    /// <summary>Sends the names of all files.</summary>
    public async Task SendEntriesAsync(BuildConnection connection)
    {
        for (var i = 0; i < _folders.Count; i++)
            await _folders[i].SendEntriesAsync(connection, i).ConfigureAwait(false);
        await connection.SendAsync(BuildFrame.EntriesEnd, default).ConfigureAwait(false);
    }

    /// <summary>Sends the content of files that the daemon lacks.</summary>
    public async Task SendContentAsync(BuildConnection connection, ReadOnlyMemory<byte> needed)
    {
        for (var at = 0; at < needed.Length; at += 8)
        {
            var context = BinaryPrimitives.ReadInt32LittleEndian(needed.Span[at..]);
            var number = BinaryPrimitives.ReadInt32LittleEndian(needed.Span[(at + 4)..]);
            using var file = _folders[context].Open(number);
            using var content = new DescriptorStream(file.Number);
            await connection.SendContentAsync(context, number, content).ConfigureAwait(false);
        }
        await connection.FlushAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _folders.ForEach(static folder => folder.Dispose());
        _owned.ForEach(static argument => argument.Dispose());
    }

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
            Directory.CreateDirectory(folder);
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
        Add(cache.Context, new FolderContext(folder, PatternList.Empty), names);
    }

    private void Add(string name, FolderContext folder, List<string> names)
    {
        names.Add(name);
        _folders.Add(folder);
    }
}
