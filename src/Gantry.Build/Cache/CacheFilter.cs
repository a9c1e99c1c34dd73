using System.Text.RegularExpressions;
using Gantry.Oci;

namespace Gantry.Build.Cache;

/// <summary>
/// Chooses entries of the cache as BuildKit's filters do: <c>type==exec.cachemount,id~=abc</c>, where all terms of a filter, and any of several filters,
/// have to match. Operators are <c>==</c>, <c>!=</c> and <c>~=</c> (a regular expression); a field alone means that it is true.
/// </summary>
public sealed class CacheFilter
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(100);
    private readonly List<List<Term>> _filters;

    private CacheFilter(List<List<Term>> filters) => _filters = filters;

    /// <summary>All entries.</summary>
    public static CacheFilter None { get; } = new([]);

    /// <summary>Entries of these kinds.</summary>
    public static CacheFilter Of(params ReadOnlySpan<CacheKind> kinds)
    {
        var filters = new List<List<Term>>();
        foreach (var kind in kinds)
            filters.Add([new Term("type", "==", new CacheUsage { Id = "", Kind = kind, Description = "", Size = 0, CreatedAt = default, LastUsedAt = default, Uses = 0 }.KindName)]);
        return new CacheFilter(filters);
    }

    /// <summary>Reads filters; empty ones say nothing.</summary>
    /// <exception cref="GantryException">A field is not known.</exception>
    public static CacheFilter Parse(IEnumerable<string> filters) => new(
        [.. filters.Where(filter => filter.Length > 0).Select(filter => filter.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Read).ToList())]);

    /// <summary>Whether it has an entry.</summary>
    public bool Matches(CacheUsage usage) => _filters.Count == 0 || _filters.Exists(terms => terms.TrueForAll(term => term.Matches(usage)));

    private static Term Read(string text)
    {
        foreach (var sign in (ReadOnlySpan<string>)["==", "!=", "~="])
        {
            var at = text.IndexOf(sign, StringComparison.Ordinal);
            if (at > 0)
                return Known(new Term(text[..at], sign, text[(at + sign.Length)..].Trim('"')), text);
        }
        return Known(new Term(text, "", ""), text);
    }

    private static Term Known(Term term, string text) => term.Field is "id" or "parents" or "parent" or "description" or "type" or "inuse" or "mutable" or "immutable" or "shared" or "private"
        ? term : throw GantryException.Invalid($"invalid filter '{text}': id, type, description, inuse, mutable, immutable, shared or private");

    private readonly record struct Term(string Field, string Sign, string Value)
    {
        public bool Matches(CacheUsage usage)
        {
            var value = ValueOf(usage);
            return Sign switch
            {
                "==" => value == Normal,
                "!=" => value != Normal,
                "~=" => IsFound(value),
                _ => value is not ("" or "false"),
            };
        }

        private string Normal => Field is "id" or "type" or "description" ? Value : Value is "1" or "true" ? "true" : Value is "0" or "false" ? "false" : Value;

        private string ValueOf(CacheUsage usage) => Field switch
        {
            "id" => usage.Id,
            "type" => usage.KindName,
            "description" => usage.Description,
            "inuse" => Text(usage.IsInUse),
            "mutable" => Text(usage.IsMutable),
            "immutable" => Text(!usage.IsMutable),
            "shared" => Text(usage.IsShared),
            "private" => Text(!usage.IsShared),
            // Entries of Gantry's cache stand for themselves.
            _ => "",
        };

        private static string Text(bool value) => value ? "true" : "false";

        private bool IsFound(string value)
        {
            try
            {
                return Regex.IsMatch(value, Value, RegexOptions.CultureInvariant, s_patience);
            }
            catch (Exception error) when (error is ArgumentException or RegexMatchTimeoutException)
            {
                throw GantryException.Invalid($"invalid filter '{Field}{Sign}{Value}': {error.Message}", error);
            }
        }
    }
}
