namespace Gantry.Build.Dockerfile;

/// <summary>Finds what somebody probably meant.</summary>
internal static class Suggestion
{
    // As BuildKit has it.
    private const int MostEdits = 2;

    /// <summary>Text to append to an error, <c> (did you mean x?)</c>, or nothing when no option is near.</summary>
    public static string For(string given, IEnumerable<string> options)
    {
        var best = options.Select(option => (Option: option, Edits: Distance(given.ToLowerInvariant(), option.ToLowerInvariant())))
            .Where(found => found.Edits is > 0 and <= MostEdits)
            .OrderBy(found => found.Edits).ThenBy(found => found.Option, StringComparer.Ordinal).FirstOrDefault();
        return best.Option is null ? "" : $" (did you mean {best.Option}?)";
    }

    /// <summary>Levenshtein's distance, where two letters that changed places are one edit.</summary>
    private static int Distance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        var before = new int[b.Length + 1];
        for (var i = 1; i <= a.Length; i++)
        {
            var last = row.ToArray();
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
                diagonal = above;
            }
            before = last;
        }
        return row[b.Length];
    }
}
