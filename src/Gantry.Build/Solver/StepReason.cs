using Gantry.Build.Cache;

namespace Gantry.Build.Solver;

/// <summary>Says why a step is run: what of its key is other than when a step like it was last run.</summary>
internal static class StepReason
{
    /// <summary>Compares the parts of two keys by name.</summary>
    /// <param name="now">The step's.</param>
    /// <param name="before">Those of the step that was last run in its place; null: there is none.</param>
    public static string Of(IReadOnlyList<KeyPart> now, IReadOnlyList<KeyPart>? before)
    {
        if (before is null)
            return "no step like it was run before";
        var changed = now.Select(part => Change(part, before.FirstOrDefault(old => old.What == part.What)))
            .Concat(before.Where(old => !now.Any(part => part.What == old.What)).Select(old => $"{old.What} (gone)"))
            .Where(text => text.Length > 0).ToList();
        return changed.Count > 0 ? $"changed: {string.Join("; ", changed)}" : "its result was removed from the cache";
    }

    private static string Change(KeyPart part, KeyPart? old) => old is null ? $"{part} (new)" : old.Value == part.Value ? "" : part.ToString();
}
