using System.Text.Json;
using System.Text.RegularExpressions;

namespace Gantry.Oci.Filters;

/// <summary>
/// The <c>filters</c> of a list or prune request, as docker's API has them: several values of one key are alternatives, except for labels,
/// which must all match; several keys must all match.
/// </summary>
public sealed class ObjectFilters
{
    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(100);
    private readonly Dictionary<string, List<string>> _values;

    private ObjectFilters(Dictionary<string, List<string>> values) => _values = values;

    /// <summary>No filters: everything matches.</summary>
    public static ObjectFilters None { get; } = new([]);

    /// <summary>The keys that have values.</summary>
    public IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>Filters made by code.</summary>
    public static ObjectFilters Of(params ReadOnlySpan<(string Key, string Value)> values)
    {
        var result = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        foreach (var (key, value) in values)
            Add(result, key, value);
        return new ObjectFilters(result);
    }

    /// <summary>
    /// Reads both forms of JSON: <c>{"key":{"value":true}}</c> (API before 1.22, still sent) and <c>{"key":["value"]}</c>. Null or empty is <see cref="None"/>.
    /// </summary>
    /// <exception cref="GantryException">The text is neither (400, docker's text).</exception>
    public static ObjectFilters Parse(string? json)
    {
        if (string.IsNullOrEmpty(json))
            return None;
        try
        {
            var result = new Dictionary<string, List<string>>(StringComparer.Ordinal);
            using var document = JsonDocument.Parse(json);
            foreach (var key in document.RootElement.EnumerateObject())
            {
                if (key.Value.ValueKind == JsonValueKind.Array)
                {
                    foreach (var value in key.Value.EnumerateArray())
                        Add(result, key.Name, value.GetString() ?? "");
                }
                else
                {
                    foreach (var value in key.Value.EnumerateObject())
                    {
                        if (value.Value.GetBoolean())
                            Add(result, key.Name, value.Name);
                    }
                }
            }
            return new ObjectFilters(result);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw GantryException.Invalid("invalid filter", e);
        }
    }

    /// <summary>The values of a key; none when it is absent.</summary>
    public IReadOnlyList<string> this[string key] => _values.TryGetValue(key, out var values) ? values : [];

    /// <summary>Whether a key is present.</summary>
    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>These filters and one more value.</summary>
    public ObjectFilters With(string key, string value)
    {
        var result = _values.ToDictionary(pair => pair.Key, pair => pair.Value.ToList());
        Add(result, key, value);
        return new ObjectFilters(result);
    }

    /// <summary>Refuses keys that the request does not know.</summary>
    /// <exception cref="GantryException">There is one (400, docker's text).</exception>
    public void Validate(params ReadOnlySpan<string> accepted)
    {
        foreach (var key in _values.Keys)
        {
            if (!accepted.Contains(key))
                throw GantryException.Invalid($"invalid filter '{key}'");
        }
    }

    /// <summary>The value of a yes/no filter, or null when it is absent.</summary>
    /// <exception cref="GantryException">It is neither yes nor no, or both (400, docker's text).</exception>
    public bool? Flag(string key)
    {
        if (!_values.TryGetValue(key, out var values))
            return null;
        var yes = values.Exists(v => v is "1" or "true");
        var no = values.Exists(v => v is "0" or "false");
        return yes != no ? yes : throw GantryException.Invalid($"invalid filter '{key}=[{string.Join(' ', values)}]'");
    }

    /// <summary>Whether a value is among those of the key; true when the key is absent.</summary>
    public bool MatchesExactly(string key, string value) => !_values.TryGetValue(key, out var values) || values.Contains(value);

    /// <summary>
    /// Whether a value equals one of the key's or one of them, as a regular expression, is found in it; true when the key is absent.
    /// </summary>
    public bool MatchesPattern(string key, string value)
    {
        if (!_values.TryGetValue(key, out var values))
            return true;
        foreach (var pattern in values)
        {
            if (pattern == value || IsFound(pattern, value))
                return true;
        }
        return false;
    }

    /// <summary>Whether labels satisfy all of the key's values, <c>name</c> or <c>name=value</c>; true when the key is absent.</summary>
    public bool MatchesLabels(string key, IReadOnlyDictionary<string, string>? labels)
    {
        foreach (var wanted in this[key])
        {
            if (!HasLabel(wanted, labels))
                return false;
        }
        return true;
    }

    /// <summary><c>label</c> and its negation <c>label!</c>, as prune requests have them.</summary>
    public bool MatchesLabels(IReadOnlyDictionary<string, string>? labels)
    {
        foreach (var unwanted in this["label!"])
        {
            if (HasLabel(unwanted, labels))
                return false;
        }
        return MatchesLabels("label", labels);
    }

    private static bool HasLabel(string wanted, IReadOnlyDictionary<string, string>? labels)
    {
        var equals = wanted.IndexOf('=');
        var name = equals < 0 ? wanted : wanted[..equals];
        return labels is not null && labels.TryGetValue(name, out var value) && (equals < 0 || value == wanted[(equals + 1)..]);
    }

    private static bool IsFound(string pattern, string value)
    {
        try
        {
            return Regex.IsMatch(value, pattern, RegexOptions.CultureInvariant, MatchLimit);
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            // Docker too takes a malformed expression as one that matches nothing.
            return false;
        }
    }

    private static void Add(Dictionary<string, List<string>> values, string key, string value)
    {
        if (!values.TryGetValue(key, out var list))
            values[key] = list = [];
        if (!list.Contains(value))
            list.Add(value);
    }
}
