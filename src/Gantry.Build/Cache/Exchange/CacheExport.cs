using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Values;

namespace Gantry.Build.Cache.Exchange;

/// <summary>A cache to write when a build is done: <c>--cache-to</c>.</summary>
/// <param name="Target">Where it goes.</param>
/// <param name="Options">What goes there.</param>
public sealed record CacheExport(ICacheTarget Target, CacheExportOptions Options);

/// <summary>What of a build goes into a cache, and in which form.</summary>
public sealed record CacheExportOptions
{
    private static readonly HashSet<string> s_known =
    [
        "ref", "dest", "tag", "mode", "compression", "image-manifest", "oci-mediatypes", "ignore-error", "force-compression", "compression-level",
        "registry.insecure",
    ];

    /// <summary>The results of all steps; otherwise those of which the image consists.</summary>
    public bool All { get; init; }

    /// <summary>In which form the layers are.</summary>
    public LayerForm Layers { get; init; } = LayerForm.Gzip;

    /// <summary>Whether the cache looks like an image, which all registries take; otherwise like an index.</summary>
    public bool ImageManifest { get; init; } = true;

    /// <summary>Whether a build is good when its cache cannot be written.</summary>
    public bool IgnoreError { get; init; }

    /// <summary>Reads what follows <c>type=</c>.</summary>
    /// <exception cref="GantryException">A value is malformed, or asks for what is not done.</exception>
    public static CacheExportOptions Parse(IReadOnlyDictionary<string, string> attributes)
    {
        if (attributes.Keys.FirstOrDefault(key => !s_known.Contains(key)) is { } unknown)
            throw GantryException.Invalid($"unknown cache export attribute {unknown}: {string.Join(", ", s_known.Order(StringComparer.Ordinal))}");
        if (!Flag(attributes, "oci-mediatypes", true))
            throw GantryException.NotImplemented("cache export with oci-mediatypes=false is not implemented: registries of today take OCI's types");
        return new CacheExportOptions
        {
            All = attributes.GetValueOrDefault("mode", "min") switch
            {
                "min" => false,
                "max" => true,
                var mode => throw GantryException.Invalid($"unsupported cache export mode: {mode}: min or max"),
            },
            Layers = LayerForm.Parse(attributes) ?? LayerForm.Gzip,
            ImageManifest = Flag(attributes, "image-manifest", true),
            IgnoreError = Flag(attributes, "ignore-error", false),
        };
    }

    private static bool Flag(IReadOnlyDictionary<string, string> attributes, string name, bool absent) =>
        attributes.GetValueOrDefault(name) is not { Length: > 0 } value ? absent
            : GoBoolean.Parse(value) ?? throw GantryException.Invalid($"failed to parse {name}: {value} is neither true nor false");
}
