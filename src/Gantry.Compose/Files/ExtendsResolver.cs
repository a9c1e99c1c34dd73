using Gantry.Compose.Values;

namespace Gantry.Compose.Files;

/// <summary>Completes services by those they extend, in the same file or in another.</summary>
/// <param name="reader">Reads other files.</param>
/// <param name="options">The flags.</param>
/// <param name="context">What surrounds the load.</param>
/// <param name="scope">Where other files are looked for.</param>
internal sealed class ExtendsResolver(ModelReader reader, LoadOptions options, LoadContext context, FileScope scope)
{
    private readonly Dictionary<string, (MapValue Services, IReadOnlyList<string[]> Resets)> _files = new(StringComparer.Ordinal);

    /// <summary>Completes the services of a document.</summary>
    /// <exception cref="ComposeException">A service or file is missing, or services extend each other in a circle.</exception>
    public void Apply(MapValue document, string file, IReadOnlyList<string[]> resets)
    {
        if (!document.Contains("services") || document["services"] is null)
            return;
        if (document["services"] is not MapValue services)
            throw new ComposeException($"{document.PositionOf("services").Prefix}services must be a mapping");
        foreach (var name in services.Keys.ToArray())
            Complete(name, services, file, scope, resets, []);
    }

    private Value Complete(string name, MapValue services, string file, FileScope where, IReadOnlyList<string[]> resets,
        List<(string Service, string File)> chain)
    {
        services.TryGet(name, out var value);
        if (value.IsNull)
            return value;
        if (value is not MapValue service)
            throw new ComposeException($"{services.PositionOf(name).Prefix}services.{name} must be a mapping");
        if (service["extends"] is not { } extends)
            return service;
        var reference = extends is MapValue map ? map.Text("service") : extends.ToString()!;
        if (reference.Length == 0)
            throw new ComposeException($"extends.{name}.service is required");
        var otherFile = extends is MapValue long_ ? long_.Text("file") : "";

        var (baseServices, baseFile, baseScope, baseResets) = otherFile.Length > 0
            ? Open(name, reference, file, otherFile, where)
            : (services, file, where, resets);
        if (!baseServices.Contains(reference))
            throw new ComposeException(
                $"cannot extend service \"{name}\" in {file}: service \"{reference}\" not found{(otherFile.Length > 0 ? $" in {otherFile}" : "")}");
        if (chain.Contains((name, file)))
            throw new ComposeException(Circle([.. chain, (name, file)]));

        var complete = Complete(reference, baseServices, baseFile, baseScope, baseResets, [.. chain, (name, file)]);
        if (complete is not MapValue)
            return service;
        var source = (MapValue)complete.Clone();
        foreach (var reset in resets)
            if (reset is ["services", var owner, .. var rest] && owner == name && rest.Length > 0)
                ResetPaths.Apply(source, [rest]);
        source = ModelMerger.MergeService(source, service);
        source.Remove("extends");
        services[name] = source;
        return source;
    }

    private (MapValue Services, string File, FileScope Scope, IReadOnlyList<string[]> Resets) Open(
        string name, string reference, string file, string otherFile, FileScope where)
    {
        var path = ProjectEnvironment.IsRemote(otherFile) ? ProjectEnvironment.Fetch(otherFile, context) : Path.GetFullPath(otherFile, where.BaseFolder);
        var folder = Path.GetDirectoryName(path)!;
        var scopeOfFile = new FileScope(folder, folder, where.Variables);
        if (_files.TryGetValue(path, out var known))
            return (known.Services, otherFile, scopeOfFile, known.Resets);
        if (!File.Exists(path))
            throw new ComposeException($"cannot extend service \"{name}\" in {file}: open {path}: no such file or directory");
        var document = YamlReader.Read(File.ReadAllText(path), path).FirstOrDefault() ?? throw new ComposeException($"{path}: empty compose file");
        var model = reader.ReadForExtension(document);
        if (model["services"] is not MapValue services)
            throw new ComposeException($"cannot extend service \"{reference}\" in {path}: no services section");
        // Paths of another file are relative to that file, whatever extends it.
        if (options.ResolvePaths || folder != where.Folder)
            new PathResolver(options.ResolvePaths ? folder : Path.GetRelativePath(where.BaseFolder, folder), context.Environment.GetValueOrDefault("HOME"))
                .Apply(model);
        _files[path] = (services, document.Resets);
        return (services, otherFile, scopeOfFile, document.Resets);
    }

    private static string Circle(IReadOnlyList<(string Service, string File)> chain) =>
        $"Circular reference:\n  {chain[0].Service} in {chain[0].File}"
            + string.Concat(chain.Skip(1).Select(static link => $"\n  extends {link.Service} in {link.File}"));
}
