using System.Globalization;
using System.Text.Json;

namespace Gantry.Build.Attestations;

/// <summary>Writes a list of packages as an SPDX document (spdx.dev, version 2.3).</summary>
/// <param name="packages">The packages.</param>
/// <param name="name">What is described.</param>
/// <param name="space">A name for the document that no other has.</param>
/// <param name="createdAt">When.</param>
internal sealed class SpdxPredicate(IReadOnlyList<SoftwarePackage> packages, string name, string space, DateTimeOffset createdAt)
{
    /// <summary>The type of the predicate.</summary>
    public const string Type = "https://spdx.dev/Document";

    /// <summary>What it is called among the files of an output.</summary>
    public const string FileName = "sbom.spdx.json";

    private const string Nothing = "NOASSERTION";
    private const string Root = "SPDXRef-DocumentRoot-Image";

    /// <summary>Writes it as a JSON object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("spdxVersion", "SPDX-2.3");
        json.WriteString("dataLicense", "CC0-1.0");
        json.WriteString("SPDXID", "SPDXRef-DOCUMENT");
        json.WriteString("name", name);
        json.WriteString("documentNamespace", space);
        json.WriteStartObject("creationInfo");
        json.WriteStartArray("creators");
        json.WriteStringValue("Tool: gantry");
        json.WriteEndArray();
        json.WriteString("created", createdAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteStartArray("packages");
        WriteImage(json);
        for (var number = 0; number < packages.Count; number++)
            WritePackage(json, packages[number], number);
        json.WriteEndArray();
        json.WriteStartArray("relationships");
        WriteRelation(json, "SPDXRef-DOCUMENT", "DESCRIBES", Root);
        for (var number = 0; number < packages.Count; number++)
            WriteRelation(json, Root, "CONTAINS", IdOf(packages[number], number));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void WriteImage(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("SPDXID", Root);
        json.WriteString("downloadLocation", Nothing);
        json.WriteBoolean("filesAnalyzed", false);
        json.WriteString("primaryPackagePurpose", "CONTAINER");
        json.WriteEndObject();
    }

    private static void WritePackage(Utf8JsonWriter json, SoftwarePackage package, int number)
    {
        json.WriteStartObject();
        json.WriteString("name", package.Name);
        json.WriteString("SPDXID", IdOf(package, number));
        json.WriteString("versionInfo", package.Version);
        json.WriteString("supplier", package.Supplier.Length > 0 ? $"Person: {package.Supplier}" : Nothing);
        json.WriteString("downloadLocation", Nothing);
        json.WriteBoolean("filesAnalyzed", false);
        json.WriteString("sourceInfo", $"acquired package info from: {package.Source}");
        // What packages call their licence is no expression of SPDX's: it is told as it is.
        json.WriteString("licenseConcluded", Nothing);
        json.WriteString("licenseDeclared", Nothing);
        if (package.License.Length > 0)
            json.WriteString("licenseComments", package.License);
        json.WriteString("copyrightText", Nothing);
        json.WriteStartArray("externalRefs");
        json.WriteStartObject();
        json.WriteString("referenceCategory", "PACKAGE-MANAGER");
        json.WriteString("referenceType", "purl");
        json.WriteString("referenceLocator", package.Url);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteRelation(Utf8JsonWriter json, string element, string kind, string related)
    {
        json.WriteStartObject();
        json.WriteString("spdxElementId", element);
        json.WriteString("relationshipType", kind);
        json.WriteString("relatedSpdxElement", related);
        json.WriteEndObject();
    }

    /// <summary>Identifiers have letters, digits, dots and dashes only.</summary>
    private static string IdOf(SoftwarePackage package, int number) =>
        $"SPDXRef-Package-{string.Concat(package.Name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter == '.' ? letter : '-'))}-{number}";
}
