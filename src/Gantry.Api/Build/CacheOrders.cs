using Gantry.Api.Model;
using Gantry.Build.Cache.Exchange;
using Gantry.Engine.Build;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Api.Build;

/// <summary>Which caches a build uses and writes, as a client asks for them.</summary>
/// <param name="builds">The builder.</param>
/// <param name="credentials">The user's.</param>
internal sealed class CacheOrders(BuildService builds, FindCredentials credentials)
{
    private const string DefaultTag = "latest";

    /// <summary>Of Gantry's own stream.</summary>
    /// <param name="request">The request.</param>
    /// <param name="exchange">Has the folders of local caches.</param>
    /// <param name="open">Opens an output by its number.</param>
    /// <exception cref="GantryException">A cache is of a kind that is not done, or an attribute is malformed.</exception>
    public CacheUse Of(BuildSessionRequest request, ContextExchange exchange, Func<int, Stream> open)
    {
        var imports = (request.CacheFrom ?? []).Select(from => new CacheImport(Source(from, exchange))).ToList();
        var exports = new List<CacheExport>();
        var inlines = false;
        for (var number = 0; number < request.CacheTo?.Count; number++)
        {
            var to = request.CacheTo[number];
            if (to.Type == "inline")
                inlines = true;
            else
                exports.Add(new CacheExport(Target(to, exchange, number + BuildOrders.Outputs(request).Count, open),
                    CacheExportOptions.Parse(AttributesOf(to))));
        }
        return new CacheUse { Imports = imports, Exports = exports, Inlines = inlines };
    }

    /// <summary>Of the classic <c>cachefrom</c>: names of images.</summary>
    /// <exception cref="GantryException">A name is malformed.</exception>
    public CacheUse Of(IEnumerable<string> images) => new()
    {
        Imports = [.. images.Where(image => image.Length > 0).Select(image => new CacheImport(builds.OpenImageCache(image, FindAsync)))],
    };

    private ICacheSource Source(BuildSessionOutput from, ContextExchange exchange)
    {
        var attributes = AttributesOf(from);
        switch (from.Type)
        {
            case "registry":
                return builds.OpenRegistryCache(Reference(attributes), FindAsync);
            case "local":
                var digest = attributes.GetValueOrDefault("digest") is { Length: > 0 } text ? Digest.Parse(text) : default;
                return new LayoutCache(exchange.Folder(from.Context), attributes.GetValueOrDefault("src", "local"),
                    attributes.GetValueOrDefault("tag", DefaultTag), digest);
            default:
                throw NotDone("importer", from.Type, "registry or local");
        }
    }

    private ICacheTarget Target(BuildSessionOutput to, ContextExchange exchange, int number, Func<int, Stream> open) => to.Type switch
    {
        "registry" => builds.CreateRegistryCache(Reference(AttributesOf(to)), FindAsync),
        "local" => new LayoutCacheTarget(exchange.Folder(to.Context), open(number), AttributesOf(to).GetValueOrDefault("tag", DefaultTag)),
        _ => throw NotDone("exporter", to.Type, "inline, registry or local"),
    };

    private Task<Registry.Client.Auth.RegistryCredentials?> FindAsync(string domain, CancellationToken cancellation) => Task.FromResult(credentials(domain));

    private static string Reference(IReadOnlyDictionary<string, string> attributes) =>
        attributes.GetValueOrDefault("ref") is { Length: > 0 } reference ? reference
            : throw GantryException.Invalid("ref is required for a registry cache: type=registry,ref=NAME");

    private static IReadOnlyDictionary<string, string> AttributesOf(BuildSessionOutput cache) => cache.Attributes ?? new Dictionary<string, string>();

    private static GantryException NotDone(string what, string type, string offered) =>
        GantryException.NotImplemented($"unknown cache {what}: \"{type}\" is not implemented in this version of Gantry: {offered}");
}
