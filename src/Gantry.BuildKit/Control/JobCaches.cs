using System.Collections.Concurrent;
using System.Text.Json;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Progress;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Sessions;
using Gantry.Engine.Build;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.BuildKit.Control;

/// <summary>The caches that a client's build uses and writes. One that is read is read once, for all platforms and results of the build.</summary>
/// <param name="builds">Knows registries.</param>
/// <param name="session">The client.</param>
/// <param name="progress">Is told of those that cannot be used.</param>
internal sealed class JobCaches(BuildService builds, ClientSession session, BuildProgress progress)
{
    private readonly ConcurrentDictionary<string, CacheImport?> _imports = new();

    /// <summary>The caches to write.</summary>
    /// <exception cref="GantryException">One is of a kind that is not done, or an attribute is malformed.</exception>
    public IReadOnlyList<CacheExport> Exports(IEnumerable<Exporter> asked) =>
        [.. asked.Where(export => export.Type != "inline").Select(export => new CacheExport(Target(export), CacheExportOptions.Parse(export.Attributes)))];

    /// <summary>The caches to use. One that cannot be had does not fail a build, as with BuildKit; it is told.</summary>
    public IReadOnlyList<CacheImport> Imports(IEnumerable<Exporter> asked) => [.. asked.Select(Import).OfType<CacheImport>().Distinct()];

    /// <summary>What the frontend's attribute <c>cache-imports</c> says, or the older <c>cache-from</c>: names.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    public static IReadOnlyList<Exporter> Parse(string imports, string names)
    {
        if (imports.Length == 0)
        {
            return [.. names.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .Select(name => new Exporter("registry", new Dictionary<string, string> { ["ref"] = name }))];
        }
        try
        {
            using var document = JsonDocument.Parse(imports);
            return [.. document.RootElement.EnumerateArray().Select(entry => new Exporter(
                entry.GetProperty("Type").GetString() ?? "",
                entry.TryGetProperty("Attrs", out var attributes) && attributes.ValueKind == JsonValueKind.Object
                    ? attributes.EnumerateObject().ToDictionary(attribute => attribute.Name, attribute => attribute.Value.GetString() ?? "") : []))];
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw GantryException.Invalid($"failed to unmarshal cache-imports: {imports}", error);
        }
    }

    private CacheImport? Import(Exporter asked) =>
        _imports.GetOrAdd(
            string.Join('\n', [asked.Type, .. asked.Attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}")]),
            _ => Open(asked));

    private CacheImport? Open(Exporter asked)
    {
        try
        {
            return new CacheImport(Source(asked));
        }
        catch (GantryException error)
        {
            progress.Begin($"importing cache manifest from {asked.Attributes.GetValueOrDefault("ref", asked.Type)}").Fail(error.Message);
            return null;
        }
    }

    private ICacheSource Source(Exporter asked) => asked.Type switch
    {
        "registry" => builds.OpenRegistryCache(Attribute(asked, "ref"), session.FindCredentialsAsync),
        "local" => new ClientContent(session, $"local:{Attribute(asked, "src")}", Digest.Parse(Attribute(asked, "digest"))),
        _ => throw GantryException.NotImplemented($"unknown cache importer: {asked.Type}: registry or local"),
    };

    private ICacheTarget Target(Exporter asked) => asked.Type switch
    {
        "registry" => builds.CreateRegistryCache(Attribute(asked, "ref"), session.FindCredentialsAsync),
        "local" => new ClientContent(session, $"local:{Attribute(asked, "dest")}"),
        _ => throw GantryException.NotImplemented($"unknown cache exporter: \"{asked.Type}\": inline, registry or local"),
    };

    private static string Attribute(Exporter asked, string name) => asked.Attributes.GetValueOrDefault(name) is { Length: > 0 } value
        ? value : throw GantryException.Invalid($"{name} is required for a {asked.Type} cache");
}
