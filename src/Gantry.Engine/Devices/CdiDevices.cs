using System.Text.Json;
using Gantry.Oci;

namespace Gantry.Engine.Devices;

/// <summary>
/// The devices that vendors describe in files of some folders, by their qualified names, <c>vendor.com/class=name</c>. The folders are read when a container
/// that wants a device starts: descriptions come and go with drivers.
/// </summary>
/// <param name="folders">The folders; what is in a later one counts more.</param>
internal sealed class CdiDevices(IReadOnlyList<string> folders)
{
    /// <summary>What a container gets with some devices.</summary>
    /// <param name="names">Their qualified names.</param>
    /// <exception cref="GantryException">One is not described (InvalidArgument), or asks for what is not done (NotImplemented).</exception>
    public DeviceEdits Inject(IReadOnlyList<string> names)
    {
        var documents = ReadAll(out var broken);
        var edits = new List<CdiEdits>();
        var missing = new List<string>();
        var common = new HashSet<CdiDocument>(ReferenceEqualityComparer.Instance);
        foreach (var name in names)
        {
            if (Find(documents, name) is not var (document, device))
            {
                missing.Add(name);
                continue;
            }
            // What all devices of a description have in common comes once, and first.
            if (document.Edits is { } all && common.Add(document))
                edits.Add(all);
            if (device.Edits is { } own)
                edits.Add(own);
        }
        if (missing.Count > 0)
            throw GantryException.Invalid(
                $"CDI device injection failed: unresolvable CDI devices {string.Join(", ", missing)}{(broken.Count > 0 ? $" ({string.Join("; ", broken)})" : "")}");
        return DeviceEdits.Of(edits, names);
    }

    /// <summary>The kinds that end with a class, e.g. <c>gpu</c>, and the names of their devices.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> OfClass(string name) => ReadAll(out _)
        .Where(document => document.Kind.EndsWith("/" + name, StringComparison.Ordinal)).GroupBy(static document => document.Kind)
        .ToDictionary(static kind => kind.Key, static kind =>
            (IReadOnlyList<string>)[.. kind.SelectMany(static document => document.Devices ?? []).Select(static device => device.Name).Distinct()]);

    private static (CdiDocument Document, CdiDevice Device)? Find(List<CdiDocument> documents, string name)
    {
        var equals = name.IndexOf('=', StringComparison.Ordinal);
        foreach (var document in documents.Where(document => equals > 0 && document.Kind == name[..equals]))
        {
            if ((document.Devices ?? []).FirstOrDefault(device => device.Name == name[(equals + 1)..]) is { } device)
                return (document, device);
        }
        return null;
    }

    /// <summary>All descriptions, those that count more first.</summary>
    private List<CdiDocument> ReadAll(out List<string> broken)
    {
        var documents = new List<CdiDocument>();
        broken = [];
        foreach (var folder in folders.Reverse().Where(Directory.Exists))
        {
            foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            {
                try
                {
                    if (Read(file) is { } document)
                        documents.Add(document);
                }
                catch (Exception error) when (error is JsonException or GantryException or IOException or UnauthorizedAccessException)
                {
                    // One that is wrong hides no others; it is told of when a device is missing.
                    broken.Add($"{file}: {error.Message}");
                }
            }
        }
        return documents;
    }

    private static CdiDocument? Read(string file)
    {
        var document = Parse(file);
        foreach (var hook in new[] { document?.Edits }.Concat((document?.Devices ?? []).Select(static device => device.Edits))
            .SelectMany(static edits => edits?.Hooks ?? []))
            hook.Validate();
        return document;
    }

    private static CdiDocument? Parse(string file) => Path.GetExtension(file) switch
    {
        ".json" => JsonSerializer.Deserialize(File.ReadAllBytes(file), CdiJson.Default.CdiDocument),
        ".yaml" or ".yml" => JsonSerializer.Deserialize(CdiYaml.ToJson(File.ReadAllText(file)).Span, CdiJson.Default.CdiDocument),
        _ => null,
    };
}
