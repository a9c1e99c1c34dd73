using System.Collections;
using System.Runtime.CompilerServices;

namespace Gantry.Api.Model;

/// <summary>
/// A list of strings that hand-written requests may give as one string, which is then its only element. <see cref="StringOrListConverter"/>
/// reads it. A type of its own, not an attribute of each property: those keep the generator from writing code that serializes by itself.
/// </summary>
[CollectionBuilder(typeof(StringOrList), nameof(Create))]
public sealed class StringOrList : IReadOnlyList<string>
{
    private readonly IReadOnlyList<string> _words;

    private StringOrList(IReadOnlyList<string> words) => _words = words;

    /// <inheritdoc/>
    public int Count => _words.Count;

    /// <inheritdoc/>
    public string this[int index] => _words[index];

    /// <summary>A list of these words: what a collection expression calls.</summary>
    public static StringOrList Create(ReadOnlySpan<string> words) => new(words.ToArray());

    /// <summary>This list, not copied; null for null.</summary>
    public static StringOrList? Of(IReadOnlyList<string>? words) => words is null ? null : words as StringOrList ?? new(words);

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => _words.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
