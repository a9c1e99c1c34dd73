using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Values;

namespace Gantry.Build.Attestations;

/// <summary>How much a provenance tells.</summary>
public enum ProvenanceMode
{
    /// <summary>None is made.</summary>
    None,

    /// <summary>What was built of what, without the values of arguments and the Dockerfile.</summary>
    Min,

    /// <summary>Everything.</summary>
    Max,
}

/// <summary>What is to be said of a result beside it: how it was built (provenance), and what it consists of (SBOM).</summary>
public sealed record AttestationRequest
{
    /// <summary>Nothing.</summary>
    public static AttestationRequest None { get; } = new();

    /// <summary>How much a provenance tells.</summary>
    public ProvenanceMode Provenance { get; init; }

    /// <summary>Whether it is of SLSA's version 1; otherwise 0.2.</summary>
    public bool IsVersion1 { get; init; }

    /// <summary>What a provenance calls the builder; usually the address of the build.</summary>
    public string BuilderId { get; init; } = "";

    /// <summary>What a provenance is called among the files of an output.</summary>
    public string ProvenanceName { get; init; } = "provenance.json";

    /// <summary>Whether a provenance says that the build can be repeated.</summary>
    public bool Reproducible { get; init; }

    /// <summary>Whether there is a list of packages.</summary>
    public bool Sbom { get; init; }

    /// <summary>Whether there is anything to be said.</summary>
    public bool IsEmpty => Provenance == ProvenanceMode.None && !Sbom;

    /// <summary>Reads attestations by their types, each with its options as <c>key=value,…</c>: the frontend's attributes <c>attest:TYPE</c>.</summary>
    /// <exception cref="GantryException">A type or an option is unknown, malformed or not offered.</exception>
    public static AttestationRequest Parse(IEnumerable<KeyValuePair<string, string>> attestations)
    {
        var request = None;
        foreach (var (type, text) in attestations)
        {
            var options = Options(text);
            options.Remove("type");
            if (options.Remove("disabled", out var disabled) && Flag("disabled", disabled))
                continue;
            request = type switch
            {
                "provenance" => request.WithProvenance(options),
                "sbom" => request.WithSbom(options),
                _ => throw GantryException.Invalid($"unsupported attestation type \"{type}\": provenance or sbom"),
            };
        }
        return request;
    }

    private AttestationRequest WithProvenance(Dictionary<string, string> options)
    {
        // Clients ask for this by themselves, for builders that put a provenance into every image: it is no wish of the user's.
        if (options.Remove("inline-only", out var inline) && Flag("inline-only", inline))
            return this;
        var request = this with { Provenance = ProvenanceMode.Min };
        foreach (var (key, value) in options)
        {
            request = (key, value) switch
            {
                ("mode", "min" or "") => request with { Provenance = ProvenanceMode.Min },
                ("mode", "max") => request with { Provenance = ProvenanceMode.Max },
                ("version", "v0.2") => request with { IsVersion1 = false },
                ("version", "v1") => request with { IsVersion1 = true },
                ("builder-id", _) => request with { BuilderId = value },
                ("reproducible", _) => request with { Reproducible = Flag(key, value) },
                ("filename", _) =>
                    request with { ProvenanceName = Path.GetFileName(value) is { Length: > 0 } name ? name
                        : throw GantryException.Invalid($"invalid provenance option filename={value}: give the name of a file") },
                _ => throw GantryException.Invalid(
                    $"invalid provenance option {key}={value}: mode=min|max, version=v0.2|v1, builder-id=ID, filename=NAME, reproducible=true|false"),
            };
        }
        return request;
    }

    private AttestationRequest WithSbom(Dictionary<string, string> options)
    {
        if (options.TryGetValue("generator", out var generator) && generator.Length > 0)
            throw GantryException.NotImplemented($"the SBOM generator {generator} is not run: Gantry reads the packages itself, leave generator= out");
        if (options.Keys.FirstOrDefault(key => key != "generator") is { } unknown)
            throw GantryException.Invalid($"invalid sbom option {unknown}={options[unknown]}");
        return this with { Sbom = true };
    }

    private static Dictionary<string, string> Options(string text)
    {
        var options = new Dictionary<string, string>();
        foreach (var field in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var at = field.IndexOf('=', StringComparison.Ordinal);
            options[(at < 0 ? field : field[..at]).ToLower(CultureInfo.InvariantCulture)] = at < 0 ? "true" : field[(at + 1)..];
        }
        return options;
    }

    private static bool Flag(string name, string value) =>
        GoBoolean.Parse(value) ?? throw GantryException.Invalid($"failed to parse {name}: {value} is neither true nor false");
}
