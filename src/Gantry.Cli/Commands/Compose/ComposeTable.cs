namespace Gantry.Cli.Commands.Compose;

/// <summary>The commands of <c>compose</c>.</summary>
internal static class ComposeTable
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<CommandEntry> Entries =>
    [
        ConfigCommand.Entry, ComposeVersionCommand.Entry,
    ];

    /// <summary>The command of a name, or null.</summary>
    public static CommandEntry? Find(string name)
    {
        foreach (var entry in Entries)
            foreach (var path in entry.Paths)
                if (path.AsSpan("compose ".Length).SequenceEqual(name))
                    return entry;
        return null;
    }
}
