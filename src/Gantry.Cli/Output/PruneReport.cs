using Gantry.Cli.Session;

namespace Gantry.Cli.Output;

/// <summary>What the prune commands print.</summary>
internal static class PruneReport
{
    /// <summary>Prints what was removed, if anything, and the space that got free.</summary>
    public static void Print(CommandSession session, string title, IReadOnlyList<string>? removed, long bytes)
    {
        if (removed is { Count: > 0 })
            session.Print($"{title}\n{string.Join('\n', removed)}\n");
        session.Print($"Total reclaimed space: {HumanText.Size(bytes)}");
    }
}
