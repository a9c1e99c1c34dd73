using System.Text.Json;
using Gantry.Build.Cache;
using Gantry.Cli.Flags;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Oci.Values;

namespace Gantry.Settings;

/// <summary>
/// Docker's settings of the builder, <c>builder</c> in <c>daemon.json</c>: how much of what builds leave stays. What is not known is an error.
/// </summary>
internal static class BuilderSettings
{
    private static readonly string[] s_storage = ["keepStorage", "reservedSpace", "maxUsedSpace", "minFreeSpace"];

    /// <summary>Reads them.</summary>
    /// <exception cref="UsageException">They are malformed, or say what cannot be.</exception>
    public static CacheCollection Read(JsonElement builder, string failure)
    {
        try
        {
            var collection = new CacheCollection();
            foreach (var (key, value) in Members(builder, "builder"))
            {
                if (key == "gc")
                    collection = Collection(value);
                else
                    CheckFixed(key, value);
            }
            return collection;
        }
        catch (GantryException error)
        {
            throw new UsageException(failure + error.Message);
        }
    }

    private static CacheCollection Collection(JsonElement collection)
    {
        var result = new CacheCollection();
        foreach (var (key, value) in Members(collection, "builder.gc"))
        {
            result = key switch
            {
                "enabled" => result with { IsEnabled = Flag(value, key) },
                "policy" => result with { Policies = [.. Items(value, key).Select(Policy)] },
                _ => result with { Bounds = WithSize(
                    result.Bounds, s_storage.FirstOrDefault(name => key == $"default{char.ToUpperInvariant(name[0])}{name[1..]}"), key, value) },
            };
        }
        return result;
    }

    private static CachePolicy Policy(JsonElement policy)
    {
        var result = new CachePolicy();
        foreach (var (key, value) in Members(policy, "builder.gc.policy"))
        {
            result = key switch
            {
                "all" => result with { All = Flag(value, key) },
                "filter" => Filtered(result, value),
                _ => result with { Bounds = WithSize(result.Bounds, s_storage.FirstOrDefault(name => name == key), key, value) },
            };
        }
        return result;
    }

    private static CacheBounds WithSize(CacheBounds bounds, string? name, string key, JsonElement value)
    {
        var size = name is null ? 0 : Size(value, key);
        return name switch
        {
            // The older name counts if the newer one does not say.
            "keepStorage" => bounds.Reserved > 0 ? bounds : bounds with { Reserved = size },
            "reservedSpace" => bounds with { Reserved = size },
            "maxUsedSpace" => bounds with { MostUsed = size },
            "minFreeSpace" => bounds with { LeastFree = size },
            _ => throw Unknown(key, "builder.gc"),
        };
    }

    /// <summary>A list of <c>field=value</c>, or, as docker wrote it once, an object of objects.</summary>
    private static CachePolicy Filtered(CachePolicy policy, JsonElement filter)
    {
        var pairs = filter.ValueKind == JsonValueKind.Object
            ? filter.EnumerateObject().SelectMany(static field => Members(field.Value, field.Name).Select(value => (field.Name, Value: value.Key)))
            : Items(filter, "filter").Select(static item => Text(item, "filter").Split('=', 2))
                .Select(static parts => (Name: parts[0].Trim().ToLowerInvariant(), Value: parts.ElementAtOrDefault(1)?.Trim() ?? ""));
        var terms = new List<string>();
        foreach (var (name, value) in pairs)
        {
            if (name is "until" or "unused-for")
                policy = policy with { KeepDuration = FilterTime.TryParseDuration(value, out var duration) ? duration
                    : throw GantryException.Invalid($"\"{name}\" filter expects a duration (e.g., '24h'): {value}") };
            else
                terms.Add(RecordFilter.Term(name, value));
        }
        return policy with { Filter = RecordFilter.Parse([string.Join(',', terms)]) };
    }

    /// <summary>What Gantry does in one way only.</summary>
    private static void CheckFixed(string key, JsonElement value)
    {
        var isFixed = key switch
        {
            // Both are had by who asks for them (--allow).
            "entitlements" => Members(value, "builder.entitlements")
                .All(static member => member is { Key: "network-host" or "security-insecure", Value.ValueKind: JsonValueKind.True }
                or { Key: "device", Value.ValueKind: JsonValueKind.False }),
            "history" => false,
            _ => throw Unknown(key, "builder"),
        };
        if (isFixed)
            return;
        var instead = key == "history" ? "the last fifty builds are kept" : "what a step may do besides is decided by who builds (--allow)";
        throw GantryException.Invalid($"builder.{key}: this version of Gantry does not do {value.GetRawText()}: {instead}");
    }

    /// <summary>The members by docker's spelling: Go's documents do not tell capitals from small letters.</summary>
    private static IEnumerable<(string Key, JsonElement Value)> Members(JsonElement element, string of) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().Select(static member => (char.ToLowerInvariant(member.Name[0]) + member.Name[1..], member.Value))
        : throw GantryException.Invalid($"{of}: {element.GetRawText()} is no object");

    private static IEnumerable<JsonElement> Items(JsonElement element, string of) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : throw GantryException.Invalid($"{of}: {element.GetRawText()} is no list");

    private static bool Flag(JsonElement value, string key) =>
        value.ValueKind is JsonValueKind.True or JsonValueKind.False ? value.GetBoolean()
            : throw GantryException.Invalid($"{key}: {value.GetRawText()} is neither true nor false");

    private static string Text(JsonElement value, string key) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : throw GantryException.Invalid($"{key}: {value.GetRawText()} is no text");

    private static long Size(JsonElement value, string key)
    {
        var text = Text(value, key);
        try
        {
            return text.Length > 0 ? ByteSize.Parse(text) : 0;
        }
        catch (FormatException error)
        {
            throw GantryException.Invalid($"failed to parse {key}: {error.Message}", error);
        }
    }

    private static GantryException Unknown(string key, string of) =>
        GantryException.Invalid($"the following directives don't match any configuration option: {of}.{key}");
}
