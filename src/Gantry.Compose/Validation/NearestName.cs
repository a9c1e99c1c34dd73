namespace Gantry.Compose.Validation;

/// <summary>Finds what somebody may have meant by a name that does not exist.</summary>
internal static class NearestName
{
    /// <summary>The nearest of the known names, or null when none is near.</summary>
    public static string? Find(string name, IEnumerable<string> known)
    {
        var limit = Math.Max(1, name.Length / 3);
        string? nearest = null;
        foreach (var candidate in known)
        {
            var distance = Distance(Fold(name), Fold(candidate));
            if (distance > limit)
                continue;
            (nearest, limit) = (candidate, distance - 1);
        }
        return nearest;
    }

    // `Command`, `dependsOn` and `depends-on` are as near as can be.
    private static string Fold(string name) => name.ToLowerInvariant().Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal);

    private static int Distance(string one, string other)
    {
        var row = new int[other.Length + 1];
        for (var column = 0; column <= other.Length; column++)
            row[column] = column;
        for (var line = 1; line <= one.Length; line++)
        {
            var diagonal = row[0];
            row[0] = line;
            for (var column = 1; column <= other.Length; column++)
            {
                var above = row[column];
                row[column] = Math.Min(Math.Min(above, row[column - 1]) + 1, diagonal + (one[line - 1] == other[column - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
