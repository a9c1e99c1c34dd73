namespace Gantry.Cli.Commands.Compose;

/// <summary>The commands of <c>compose</c>.</summary>
internal static class ComposeTable
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<CommandEntry> Entries =>
    [
        ComposeAttachCommand.Entry, ComposeBuildCommand.Entry, ComposeCommitCommand.Entry, ConfigCommand.Entry, ComposeCopyCommand.Entry, ComposeCreateCommand.Entry, DownCommand.Entry,
        ComposeEventsCommand.Entry, ComposeExecCommand.Entry, ComposeExportCommand.Entry, ComposeGraphCommand.Entry, ComposeImagesCommand.Entry,
        ComposeKillCommand.Entry, ComposeListCommand.Entry, ComposeLogsCommand.Entry, ComposePauseCommand.Entry, ComposePortCommand.Entry, ComposePsCommand.Entry,
        ComposePublishCommand.Entry, ComposePullCommand.Entry, ComposePushCommand.Entry, ComposeRemoveCommand.Entry, ComposeRestartCommand.Entry, ComposeRunCommand.Entry,
        ComposeScaleCommand.Entry, ComposeSecretCommand.Entry, ComposeStartCommand.Entry, ComposeStatsCommand.Entry, ComposeStopCommand.Entry, ComposeTopCommand.Entry, ComposeUnpauseCommand.Entry, UpCommand.Entry,
        ComposeVersionCommand.Entry, ComposeVolumesCommand.Entry, ComposeWaitCommand.Entry, ComposeWatchCommand.Entry,
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
