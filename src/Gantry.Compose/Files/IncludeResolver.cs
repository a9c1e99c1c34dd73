using Gantry.Compose.Interpolation;
using Gantry.Compose.Values;

namespace Gantry.Compose.Files;

/// <summary>Takes in other projects' files: each with paths relative to its own folder and with its own variables.</summary>
/// <param name="options">The flags.</param>
/// <param name="context">What surrounds the load.</param>
/// <param name="scope">Where the files are looked for.</param>
/// <param name="chain">The files that lead here.</param>
internal sealed class IncludeResolver(LoadOptions options, LoadContext context, FileScope scope, IReadOnlyList<string> chain)
{
    private static readonly string[] s_kinds = ["services", "volumes", "networks", "secrets", "configs", "models"];

    /// <summary>Takes in what a document includes.</summary>
    /// <exception cref="ComposeException">A file is missing or wrong, files include each other in a circle, or an element is there already and
    /// differs.</exception>
    public void Apply(MapValue document)
    {
        if (document["include"] is { } included)
        {
            if (included is not ListValue list)
                throw new ComposeException("`include` must be a list");
            foreach (var entry in list.Items)
                Import(Load(entry), document);
        }
        document.Remove("include");
    }

    private MapValue Load(Value entry)
    {
        var map = entry as MapValue;
        var paths = map is null ? [entry.ToString()!] : TextsOf(map, "path");
        if (paths.Count == 0)
            throw new ComposeException($"{entry.At.Prefix}include must name a path");
        var files = paths.Select(path => ProjectEnvironment.IsRemote(path) ? ProjectEnvironment.Fetch(path, context) : Path.GetFullPath(path, scope.BaseFolder))
            .ToArray();
        if (chain.Contains(files[0]))
            throw new ComposeException($"include cycle detected:\n{chain[0]}\n include {string.Join("\n include ", chain.Skip(1).Append(files[0]))}");

        var folder = map?.Text("project_directory") is { Length: > 0 } given ? Path.GetFullPath(given, scope.BaseFolder) : Path.GetDirectoryName(files[0])!;
        var variables = new Dictionary<string, string>(scope.Variables, StringComparer.Ordinal);
        foreach (var (name, value) in VariableFiles.Read(scope.Variables, VariableFilesOf(map, folder), context.Warn))
            variables.TryAdd(name, value);
        var documents = files.Select(static file => (file, YamlReader.Read(Read(file), file))).ToArray();
        var reader = new ModelReader(options with { ResolvePaths = true }, context, new FileScope(folder, folder, variables)) { Including = chain };
        return reader.Read(documents);
    }

    private static string Read(string file) =>
        File.Exists(file) ? File.ReadAllText(file) : throw new ComposeException($"open {file}: no such file or directory");

    private List<string> VariableFilesOf(MapValue? map, string folder)
    {
        if (map is not null && TextsOf(map, "env_file") is { Count: > 0 } given)
            return [.. given.Select(file => Path.GetFullPath(file, scope.BaseFolder))];
        var usual = Path.Combine(folder, ".env");
        return File.Exists(usual) ? [usual] : [];
    }

    private static IReadOnlyList<string> TextsOf(MapValue map, string key) => map[key] is ScalarValue text ? [text.Text] : map.Texts(key);

    private static void Import(MapValue source, MapValue target)
    {
        foreach (var kind in s_kinds)
        {
            if (source.Map(kind) is not { } from)
                continue;
            var to = target.Map(kind) ?? new MapValue(from.At);
            foreach (var (name, value) in from.Entries)
            {
                if (!to.TryGet(name, out var present))
                    to[name] = value;
                else if (!Value.Same(present, value))
                    throw new ComposeException($"{kind}.{name} conflicts with imported resource");
            }
            target[kind] = to;
        }
    }
}
