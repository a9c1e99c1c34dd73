using System.Globalization;
using System.Text;
using Gantry.Oci;

namespace Gantry.Client.Http;

/// <summary>Builds a request target: a path, then only those parameters that say something.</summary>
/// <param name="path">The path, its variable parts escaped by <see cref="Escape"/>.</param>
public sealed class Query(string path)
{
    private readonly StringBuilder _text = new(path);
    private bool _any;

    /// <summary>Escapes one path segment or value. Slashes of an image name in a path stay as they are (see <see cref="EscapePath"/>).</summary>
    public static string Escape(string value) => Uri.EscapeDataString(value);

    /// <summary>Escapes a name that may hold slashes and colons, such as an image reference, for use in a path.</summary>
    public static string EscapePath(string value) =>
        Uri.EscapeDataString(value).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal);

    /// <summary>Escapes the name or ID of an object, which is never empty: the request would be for all of its kind.</summary>
    /// <exception cref="GantryException">It is empty (InvalidArgument).</exception>
    public static string Name(string kind, string value) =>
        value.Trim().Length > 0 ? Escape(value) : throw GantryException.Invalid($"invalid {kind} name or ID: value is empty");

    /// <summary>Adds a parameter unless its value is null or empty.</summary>
    public Query Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            _text.Append(_any ? '&' : '?').Append(name).Append('=').Append(Escape(value));
            _any = true;
        }
        return this;
    }

    /// <summary>Adds <c>name=1</c> when <paramref name="value"/> is true.</summary>
    public Query Add(string name, bool value) => Add(name, value ? "1" : null);

    /// <summary>Adds a number unless it is null.</summary>
    public Query Add(string name, long? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <summary>Adds the <c>filters</c> parameter unless there are none.</summary>
    public Query Add(Filters? filters) => Add("filters", filters is { IsEmpty: false } ? filters.ToJson() : null);

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();
}
