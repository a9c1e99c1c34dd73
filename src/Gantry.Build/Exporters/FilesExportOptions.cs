using Gantry.Oci;
using Gantry.Oci.Values;

namespace Gantry.Build.Exporters;

/// <summary>In which form files are exported: what outputs of type <c>local</c> and <c>tar</c> say besides where to.</summary>
public sealed record FilesExportOptions
{
    /// <summary>As it is usual.</summary>
    public static FilesExportOptions Plain { get; } = new();

    /// <summary>Whether files lie in a folder with the name of their platform; null: if there are several.</summary>
    public bool? Split { get; init; }

    /// <summary>What the names of files begin with that say something of the others.</summary>
    public string StatementPrefix { get; init; } = "";

    /// <summary>Reads the attributes of an output.</summary>
    /// <exception cref="GantryException">One is malformed.</exception>
    public static FilesExportOptions Parse(IReadOnlyDictionary<string, string> attributes)
    {
        var prefix = attributes.GetValueOrDefault("attestation-prefix", "");
        if (prefix.Contains('/', StringComparison.Ordinal))
            throw GantryException.Invalid($"invalid attestation-prefix={prefix}: it is the beginning of a name, without slashes");
        return new FilesExportOptions { Split = Flag(attributes, "platform-split"), StatementPrefix = prefix };
    }

    private static bool? Flag(IReadOnlyDictionary<string, string> attributes, string name)
    {
        if (!attributes.TryGetValue(name, out var text) || text.Length == 0)
            return null;
        return GoBoolean.Parse(text) ?? throw GantryException.Invalid($"non-bool value for {name}: {text}: true or false");
    }
}
