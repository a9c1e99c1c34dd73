using System.Text;
using System.Text.Json;

namespace Gantry.Client;

/// <summary>The filters of a listing, as <c>--filter name=value</c> collects them.</summary>
public sealed class Filters
{
    private readonly SortedDictionary<string, SortedSet<string>> _values = new(StringComparer.Ordinal);

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _values.Count == 0;

    /// <summary>Adds a value; a name with several values matches any of them.</summary>
    public Filters Add(string name, string value)
    {
        if (!_values.TryGetValue(name, out var values))
            _values.Add(name, values = new SortedSet<string>(StringComparer.Ordinal));
        values.Add(value);
        return this;
    }

    /// <summary>The names.</summary>
    public IReadOnlyCollection<string> Names => _values.Keys;

    /// <summary>Whether a name has at least one value.</summary>
    public bool Contains(string name) => _values.ContainsKey(name);

    /// <summary>The values of a name.</summary>
    public IEnumerable<string> Get(string name) => _values.TryGetValue(name, out var values) ? values : [];

    /// <summary>Each as <c>name=value</c>.</summary>
    public IReadOnlyList<string> Texts => [.. _values.SelectMany(static entry => entry.Value.Select(value => $"{entry.Key}={value}"))];

    /// <summary>The form the API takes: <c>{"name":{"value":true}}</c>.</summary>
    public string ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var (name, values) in _values)
            {
                writer.WriteStartObject(name);
                foreach (var value in values)
                    writer.WriteBoolean(value, true);
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }
}
