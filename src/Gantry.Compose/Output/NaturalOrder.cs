using System.Globalization;

namespace Gantry.Compose.Output;

/// <summary>The order of keys in YAML that Go's encoder writes: as text, but numbers within by their value, and letters after other signs.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    public static NaturalOrder Instance { get; } = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y) => x == y ? 0 : Less(x!, y!) ? -1 : 1;

    private static bool Less(string left, string right)
    {
        var inDigits = false;
        for (var at = 0; at < left.Length && at < right.Length; at++)
        {
            if (left[at] == right[at])
            {
                inDigits = char.IsDigit(left[at]);
                continue;
            }
            var isLetter = char.IsLetter(left[at]);
            var isOtherLetter = char.IsLetter(right[at]);
            if (isLetter && isOtherLetter)
                return left[at] < right[at];
            if (isLetter || isOtherLetter)
                return inDigits ? isLetter : isOtherLetter;
            return LessNumber(left, right, at);
        }
        return left.Length < right.Length;
    }

    private static bool LessNumber(string left, string right, int at)
    {
        // A zero after other digits belongs to the number that they begin.
        long start = 0;
        if (left[at] == '0' || right[at] == '0')
            for (var before = at - 1; before >= 0 && char.IsDigit(left[before]) && start == 0; before--)
                start = left[before] != '0' ? 1 : 0;
        var (number, end) = Number(left, at, start);
        var (other, otherEnd) = Number(right, at, start);
        return number != other ? number < other : end != otherEnd ? end < otherEnd : left[at] < right[at];
    }

    private static (long Number, int End) Number(string text, int at, long number)
    {
        for (; at < text.Length && char.IsDigit(text[at]); at++)
            number = unchecked(number * 10 + CharUnicodeInfo.GetDigitValue(text[at]));
        return (number, at);
    }
}
