using Gantry.Compose.Interpolation;
using Gantry.Compose.Model;
using Gantry.Compose.Validation;
using Gantry.Compose.Values;

namespace Gantry.Compose.Files;

/// <summary>What the paths and variables of a set of files refer to.</summary>
/// <param name="Folder">What paths in the files are made absolute with.</param>
/// <param name="BaseFolder">Where files that these files name are looked for.</param>
/// <param name="Variables">The variables for interpolation.</param>
internal sealed record FileScope(string Folder, string BaseFolder, IReadOnlyDictionary<string, string> Variables);

/// <summary>
/// Reads a set of files into one model in its long form: each is interpolated, completed by what it extends and includes, and laid over those before.
/// </summary>
/// <param name="options">The flags.</param>
/// <param name="context">What surrounds the load.</param>
/// <param name="scope">What paths and variables refer to.</param>
internal sealed class ModelReader(LoadOptions options, LoadContext context, FileScope scope)
{
    private static readonly Lazy<Schema> s_schema = new(Schema.Load);

    private readonly Interpolator _interpolator = new(name => scope.Variables.GetValueOrDefault(name), context.Warn);

    /// <summary>The files that lead here by includes, to find circles.</summary>
    public IReadOnlyList<string> Including { get; init; } = [];

    /// <summary>Reads the files.</summary>
    /// <exception cref="ComposeException">A file is wrong.</exception>
    public MapValue Read(IReadOnlyList<(string Path, List<YamlDocument> Documents)> files)
    {
        var model = new MapValue();
        foreach (var (path, documents) in files)
            foreach (var document in documents)
                model = Add(model, path, document);
        Defaults.Apply(model);
        ModelRules.Check(model);
        if (options.ResolvePaths)
            new PathResolver(scope.Folder, context.Environment.GetValueOrDefault("HOME")).Apply(model);
        ResolveSecrets(model);
        return model;
    }

    /// <summary>Reads one document as far as its services are complete in themselves: for what extends them.</summary>
    public MapValue ReadForExtension(YamlDocument document)
    {
        var model = Prepare(document, scope.BaseFolder);
        UniqueEntries.Enforce(model);
        new Canonical(!options.Interpolate, context.Warn).Apply(model);
        OmitEmpty(model);
        UniqueEntries.Enforce(model);
        return model;
    }

    private MapValue Add(MapValue model, string path, YamlDocument document)
    {
        // 1. The document by itself, with what its services extend.
        var layer = Prepare(document, path);
        CheckReferences(layer, path);
        new ExtendsResolver(this, options, context, scope).Apply(layer, path, document.Resets);

        // 2. What it takes away from the files before it, and what it includes.
        ResetPaths.Apply(model, document.Resets);
        new IncludeResolver(options, context, scope, [.. Including, path]).Apply(layer);

        // 3. Laid over them and checked.
        model = ModelMerger.Merge(model, layer);
        UniqueEntries.Enforce(model);
        if (SchemaValidator.Check(model, s_schema.Value) is { } problem)
            throw Describe(problem, path);
        if (model.Remove("version"))
            context.Warn($"{path}: the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion");
        new Canonical(!options.Interpolate, context.Warn).Apply(model);
        OmitEmpty(model);
        UniqueEntries.Enforce(model);
        return model;
    }

    private MapValue Prepare(YamlDocument document, string path)
    {
        if (document.Root is not MapValue map)
            throw new ComposeException(document.Root.IsNull ? $"{path}: empty compose file" : $"{path}: top-level object must be a mapping");
        if (options.Interpolate)
            _interpolator.Apply(map);
        return map;
    }

    // What names other files and services is gone when the schema is checked.
    private static void CheckReferences(MapValue layer, string path)
    {
        var schema = s_schema.Value;
        if (layer["include"] is ListValue include && SchemaValidator.Check(include, schema.Properties["include"]) is { } wrong)
            throw Describe(wrong with { Path = ["include", .. wrong.Path] }, path);
        var extends = schema.Properties["services"].Patterns[0].Schema.Properties["extends"];
        foreach (var (name, service) in layer.Map("services")?.Entries ?? [])
            if (service is MapValue map && map["extends"] is { } reference && SchemaValidator.Check(reference, extends) is { } problem)
                throw Describe(problem with { Path = ["services", name, "extends", .. problem.Path] }, path);
    }

    private static ComposeException Describe(SchemaProblem problem, string path)
    {
        var hint = problem.Suggestion is null ? "" : $"; did you mean '{problem.Suggestion}'?";
        var place = problem.At.Line == 0 ? "" : problem.At.File == path ? $" (line {problem.At.Line}{hint})" : $" ({problem.At.File}:{problem.At.Line}{hint})";
        return new ComposeException($"validating {path}: {string.Join('.', problem.Path)} {problem.Message}{place}");
    }

    private static void OmitEmpty(MapValue model)
    {
        foreach (var service in model.Maps("services"))
            if (service.List("dns") is { } servers)
                servers.Items.RemoveAll(static server => server.IsNull || server.ToString()!.Length == 0);
    }

    private void ResolveSecrets(MapValue model)
    {
        foreach (var config in model.Maps("configs"))
            if (scope.Variables.TryGetValue(config.Text("environment"), out var value))
                config["content"] = ScalarValue.Of(value);
        foreach (var service in model.Maps("services"))
        {
            if (service.List("environment") is not { } lines)
                continue;
            for (var index = 0; index < lines.Items.Count; index++)
                if (lines.Items[index].AsText is { } name && scope.Variables.TryGetValue(name, out var value))
                    lines.Items[index] = ScalarValue.Of($"{name}={value}", lines.Items[index].At);
        }
    }
}
