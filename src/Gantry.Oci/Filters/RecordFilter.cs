using System.Text.RegularExpressions;

namespace Gantry.Oci.Filters;

/// <summary>
/// Chooses records of a build cache as BuildKit's filters do: <c>type==exec.cachemount,id~=abc</c>, where all terms of a filter, and any of several filters,
/// have to match. Operators are <c>==</c>, <c>!=</c> and <c>~=</c> (a regular expression); a field alone means that it is true.
/// </summary>
public sealed class RecordFilter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);
    private readonly List<List<RecordTerm>> _filters;

    private RecordFilter(List<List<RecordTerm>> filters, IReadOnlyList<string> texts) => (_filters, Texts) = (filters, texts);

    /// <summary>All records.</summary>
    public static RecordFilter None { get; } = new([], []);

    /// <summary>The names of the fields, as docker's filters know them.</summary>
    public static IReadOnlyList<string> Fields { get; } = ["id", "parent", "type", "description", "inuse", "shared", "private", "mutable", "immutable"];

    /// <summary>The filters as they were written.</summary>
    public IReadOnlyList<string> Texts { get; }

    /// <summary>Reads filters; empty ones say nothing.</summary>
    /// <exception cref="GantryException">A field is not known.</exception>
    public static RecordFilter Parse(IEnumerable<string> filters)
    {
        var texts = filters.Where(static filter => filter.Length > 0).ToList();
        return new RecordFilter(
            [.. texts.Select(static filter =>
                filter.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Read).ToList())], texts);
    }

    /// <summary>The term of docker's <c>field=value</c>: an ID is one by its beginning or any part of it.</summary>
    public static string Term(string field, string value) =>
        field == "id" ? $"id~={value}" : value.Length == 0 ? field : field[^1] is '~' or '!' ? $"{field}={value}" : $"{field}=={value}";

    /// <summary>Whether it has a record.</summary>
    /// <param name="valueOf">What the record has in a field.</param>
    public bool Matches(Func<string, string> valueOf) =>
        _filters.Count == 0 || _filters.Exists(terms => terms.TrueForAll(term => Matches(term, valueOf(term.Field))));

    private static RecordTerm Read(string text)
    {
        foreach (var sign in (ReadOnlySpan<string>)["==", "!=", "~="])
        {
            var at = text.IndexOf(sign, StringComparison.Ordinal);
            if (at > 0)
                return Known(new RecordTerm(text[..at], sign, text[(at + sign.Length)..].Trim('"')), text);
        }
        return Known(new RecordTerm(text, "", ""), text);
    }

    private static RecordTerm Known(RecordTerm term, string text) => term.Field == "parents" || Fields.Contains(term.Field)
        ? term : throw GantryException.Invalid($"invalid filter '{text}': id, type, description, inuse, mutable, immutable, shared or private");

    private static bool Matches(RecordTerm term, string value) => term.Sign switch
    {
        "==" => value == term.Normal,
        "!=" => value != term.Normal,
        "~=" => IsFound(term, value),
        _ => value is not ("" or "false"),
    };

    private static bool IsFound(RecordTerm term, string value)
    {
        try
        {
            return Regex.IsMatch(value, term.Value, RegexOptions.CultureInvariant, s_patience);
        }
        catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
        {
            throw GantryException.Invalid($"invalid filter '{term.Field}~={term.Value}': {error.Message}", error);
        }
    }

    private readonly record struct RecordTerm(string Field, string Sign, string Value)
    {
        public string Normal => Field is "id" or "type" or "description" ? Value : Value is "1" or "true" ? "true" : Value is "0" or "false" ? "false" : Value;
    }
}
