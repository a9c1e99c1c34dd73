using Gantry.Compose.Values;

namespace Gantry.Compose.Files;

/// <summary>Takes away what a later file resets.</summary>
internal static class ResetPaths
{
    /// <summary>Removes the keys at some paths from a model.</summary>
    public static void Apply(MapValue model, IReadOnlyList<string[]> paths)
    {
        foreach (var path in paths)
            Remove(model, path);
    }

    private static void Remove(MapValue model, ReadOnlySpan<string> path)
    {
        if (path.Length == 1)
            model.Remove(path[0]);
        else if (path.Length > 1 && model.Map(path[0]) is { } next)
            Remove(next, path[1..]);
    }
}
