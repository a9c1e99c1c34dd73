using Gantry.Api.Model;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Builds;

/// <summary>The flags of <c>build</c> about what there is beside an image: caches that are handed on, and what is said of it.</summary>
internal sealed class BuildSurroundings(FlagSet flags)
{
    private readonly ListFlag<string> _annotation = flags.List("annotation", "Add annotation to the image");
    private readonly ListFlag<string> _attest = flags.List("attest", "Attestation parameters (format: \"type=sbom\")");
    private readonly ListFlag<string> _cacheFrom = flags.List(
        "cache-from", "External cache sources (e.g., \"user/app:cache\", \"type=local,src=path/to/dir\")");
    private readonly ListFlag<string> _cacheTo = flags.List(
        "cache-to", "Cache export destinations (e.g., \"user/app:cache\", \"type=local,dest=path/to/dir\")");
    private readonly ValueFlag<string> _provenance = flags.String("provenance", "Shorthand for \"--attest=type=provenance\"");
    private readonly ValueFlag<string> _sbom = flags.String("sbom", "Shorthand for \"--attest=type=sbom\"");

    /// <summary>Annotations, as attributes of outputs that are images.</summary>
    /// <exception cref="CommandException">One is malformed.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> Annotations => [.. _annotation.Values.Select(AnnotationArgument.Parse)];

    /// <summary>What is to be said of the image, by type.</summary>
    /// <exception cref="CommandException">One is malformed.</exception>
    public IReadOnlyDictionary<string, string> Attestations => AttestationArgument.Parse(_attest.Values, _provenance.Value, _sbom.Value);

    /// <summary>Caches of others that are used.</summary>
    /// <exception cref="CommandException">One is malformed.</exception>
    public IReadOnlyList<BuildSessionOutput> CacheFrom => [.. _cacheFrom.Values.Select(CacheArgument.Parse)];

    /// <summary>Caches that are written.</summary>
    /// <exception cref="CommandException">One is malformed.</exception>
    public IReadOnlyList<BuildSessionOutput> CacheTo => [.. _cacheTo.Values.Select(CacheArgument.Parse)];
}
