namespace Gantry.Cli.Commands.Compose;

/// <summary>The commands of <c>compose</c>.</summary>
internal static class ComposeTable
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<CommandEntry> Entries =>
    [
        ComposeAttachCommand.Entry, BridgeConvertCommand.Entry, BridgeCreateCommand.Entry, BridgeListCommand.Entry, ComposeBuildCommand.Entry,
        ComposeCommitCommand.Entry, ConfigCommand.Entry, ComposeCopyCommand.Entry, ComposeCreateCommand.Entry, DownCommand.Entry,
        ComposeEventsCommand.Entry, ComposeExecCommand.Entry, ComposeExportCommand.Entry, ComposeGenerateCommand.Entry, ComposeGraphCommand.Entry,
        ComposeImagesCommand.Entry,
        ComposeKillCommand.Entry, ComposeListCommand.Entry, ComposeLogsCommand.Entry, ComposePauseCommand.Entry, ComposePortCommand.Entry,
        ComposePsCommand.Entry,
        ComposePublishCommand.Entry, ComposePullCommand.Entry, ComposePushCommand.Entry, ComposeRemoveCommand.Entry, ComposeRestartCommand.Entry,
        ComposeRunCommand.Entry,
        ComposeScaleCommand.Entry, ComposeSecretCommand.Entry, ComposeStartCommand.Entry, ComposeStatsCommand.Entry, ComposeStopCommand.Entry,
        ComposeTopCommand.Entry, ComposeUnpauseCommand.Entry, UpCommand.Entry,
        ComposeVersionCommand.Entry, ComposeVizCommand.Entry, ComposeVolumesCommand.Entry, ComposeWaitCommand.Entry, ComposeWatchCommand.Entry,
    ];

    /// <summary>The groups of commands.</summary>
    public static IReadOnlyList<(string Name, string Summary)> Groups =>
    [
        ("alpha", "Experimental commands"), ("bridge", "Convert compose files into another model"), ("bridge transformations", "Manage transformation images"),
    ];

    /// <summary>The command that words begin with, the path it was called by and the number of words of that; or nothing.</summary>
    public static (CommandEntry? Entry, string Path, int Words) Find(List<string> words)
    {
        foreach (var entry in Entries)
        {
            foreach (var path in entry.Paths)
            {
                var parts = path["compose ".Length..].Split(' ');
                if (parts.Length <= words.Count && parts.SequenceEqual(words.Take(parts.Length)))
                    return (entry, path, parts.Length);
            }
        }
        return (null, "", 0);
    }
}
