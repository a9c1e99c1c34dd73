namespace Gantry.Cli.Commands.Builds;

/// <summary>Reads <c>--attest</c>, <c>--provenance</c> and <c>--sbom</c>.</summary>
internal static class AttestationArgument
{
    /// <summary>The options of each attestation that is asked for, by its type.</summary>
    /// <exception cref="CommandException">One is malformed.</exception>
    public static IReadOnlyDictionary<string, string> Parse(IReadOnlyList<string> attestations, string provenance, string sbom)
    {
        var result = new Dictionary<string, string>();
        foreach (var text in attestations)
        {
            var fields = text.Split(',').ToList();
            var type = fields.Find(static field => field.StartsWith("type=", StringComparison.Ordinal))
                ?? throw new CommandException("attestation type not specified");
            fields.Remove(type);
            Take(result, type["type=".Length..], fields.Count == 0 ? "true" : string.Join(',', fields));
        }
        Take(result, "provenance", provenance);
        Take(result, "sbom", sbom);
        return result;
    }

    /// <summary>An empty text of a short form says nothing; <c>true</c> and <c>false</c> are all that they have to say.</summary>
    private static void Take(Dictionary<string, string> result, string type, string options)
    {
        switch (options)
        {
            case "false" or "0" or "disabled=true":
                result.Remove(type);
                break;
            case "true" or "1":
                result[type] = "";
                break;
            case "":
                break;
            default:
                result[type] = options;
                break;
        }
    }
}
