using Gantry.Cli.Commands.Buildx;
using Gantry.Cli.Commands.Builds;
using Gantry.Cli.Commands.Compose;
using Gantry.Cli.Commands.Containers;
using Gantry.Cli.Commands.Contexts;
using Gantry.Cli.Commands.Images;
using Gantry.Cli.Commands.Networks;
using Gantry.Cli.Commands.Daemon;
using Gantry.Cli.Commands.Manifests;
using Gantry.Cli.Commands.Plugins;
using Gantry.Cli.Commands.Registries;
using Gantry.Cli.Commands.Swarm;
using Gantry.Cli.Commands.Volumes;
using Gantry.Cli.Completion;

namespace Gantry.Cli.Commands;

/// <summary>All commands. An entry is small; only the command that is called is made, with its flags.</summary>
internal static class CommandTable
{
    /// <summary>The commands of this program.</summary>
    public static IReadOnlyList<CommandEntry> Entries =>
    [
        AttachCommand.Entry, CommitCommand.Entry, ContainerInspectCommand.Entry, ContainerListCommand.Entry, ContainerPruneCommand.Entry,
        CheckpointCommand.CreateEntry, CheckpointCommand.ListEntry, CheckpointCommand.RemoveEntry,
        CopyCommand.Entry, CreateCommand.Entry, DiffCommand.Entry, ExecCommand.Entry, ExportCommand.Entry,
        KillCommand.Entry, LogsCommand.Entry, PauseCommand.Entry, PortCommand.Entry, RenameCommand.Entry, RemoveContainerCommand.Entry, RestartCommand.Entry,
        RunCommand.Entry,
        StartCommand.Entry, StatsCommand.Entry, StopCommand.Entry, TopCommand.Entry, UnpauseCommand.Entry, UpdateCommand.Entry, WaitCommand.Entry,
        BuildCommand.Entry, BuildPruneCommand.Entry, BakeCommand.Entry, BuilderDiskUsageCommand.Entry, BuilderPruneCommand.Entry, BuilderListCommand.Entry,
        BuilderInspectCommand.Entry, BuilderChoiceCommand.CreateEntry,
        BuilderChoiceCommand.UseEntry, BuilderChoiceCommand.RemoveEntry, BuilderChoiceCommand.StopEntry, BuilderChoiceCommand.VersionEntry,
        ImageToolsInspectCommand.Entry, ImageToolsCreateCommand.Entry,
        BuildHistoryListCommand.Entry, BuildHistoryInspectCommand.Entry, BuildHistoryLogsCommand.Entry, BuildHistoryRemoveCommand.Entry,
        BuilderDialCommand.Entry, .. BuilderRefusal.Entries,
        HistoryCommand.Entry, ImageInspectCommand.Entry, ImageListCommand.Entry, ImagePruneCommand.Entry, ImportCommand.Entry, LoadCommand.Entry,
        RemoveImageCommand.Entry, SaveCommand.Entry, TagCommand.Entry,
        ContextCreateCommand.Entry, ContextExportCommand.Entry, ContextImportCommand.Entry, ContextInspectCommand.Entry, ContextListCommand.Entry,
        ContextRemoveCommand.Entry,
        ContextShowCommand.Entry, ContextUpdateCommand.Entry, ContextUseCommand.Entry,
        DialStdioCommand.Entry, DiskUsageCommand.Entry, EventsCommand.Entry, SystemCheckCommand.Entry, SystemMigrateCommand.Entry, SystemPruneCommand.Entry,
        InfoCommand.Entry, InspectCommand.Entry, VersionCommand.Entry,
        NetworkConnectCommand.Entry, NetworkCreateCommand.Entry, NetworkDisconnectCommand.Entry, NetworkInspectCommand.Entry, NetworkListCommand.Entry,
        NetworkPruneCommand.Entry, NetworkRemoveCommand.Entry, NetworkWhyCommand.Entry,
        LoginCommand.Entry, LogoutCommand.Entry, PullCommand.Entry, PushCommand.Entry, SearchCommand.Entry,
        ManifestAnnotateCommand.Entry, ManifestCreateCommand.Entry, ManifestInspectCommand.Entry, ManifestPushCommand.Entry, ManifestRemoveCommand.Entry,
        ComposeCommand.Entry, CompletionCommand.Entry,
        PluginInspectCommand.Entry, PluginListCommand.Entry, PluginChangeCommand.DisableEntry, PluginChangeCommand.EnableEntry, PluginChangeCommand.RemoveEntry,
        PluginChangeCommand.SetEntry,
        .. PluginChangeCommand.UnservedEntries,
        VolumeCloneCommand.Entry, VolumeCreateCommand.Entry, VolumeExportCommand.Entry, VolumeImportCommand.Entry, VolumeInspectCommand.Entry,
        VolumeListCommand.Entry,
        VolumePruneCommand.Entry, VolumeRemoveCommand.Entry, VolumeUpdateCommand.Entry,
    ];

    /// <summary>The management groups.</summary>
    public static IReadOnlyList<(string Name, string Summary)> Groups =>
    [
        ("builder", "Manage builds"), ("buildx", "Manage builds"), ("buildx dap", "Debug builds by an editor"), ("buildx debug", "Debug builds"),
        ("buildx history", "Commands to work on build records"), ("buildx imagetools", "Commands to work on images in registry"),
        ("buildx policy", "Commands to work on policies of builds"), ("checkpoint", "Manage checkpoints"), ("container", "Manage containers"),
        ("context", "Manage contexts"), ("image", "Manage images"), ("manifest", "Manage image manifests and manifest lists"), ("network", "Manage networks"),
        ("plugin", "Manage plugins"), ("system", "Manage the engine"),
        ("volume", "Manage volumes"),
    ];

    // A command with flags of its own before those that it holds.
    private const string Compose = "compose";

    /// <summary>Whether a path names a group of commands.</summary>
    public static bool IsGroup(string path) => path == Compose || Groups.Concat(ComposeGroups).Any(group => group.Name == path);

    /// <summary>What stands right in a group (null: at the top level) by its name there: commands, and further groups.</summary>
    public static IEnumerable<(string Name, string Summary)> ChildrenOf(string? group)
    {
        var inCompose = group == Compose || group?.StartsWith(Compose + " ", StringComparison.Ordinal) == true;
        return (inCompose ? ComposeTable.Entries : Entries.Concat(SwarmTable.Entries)).Select(entry => (Name: entry.NameIn(group)!, entry.Summary))
            .Concat((inCompose ? ComposeGroups : Groups).Select(inner => (Name: NameIn(group, inner.Name)!, inner.Summary)))
            .Where(static child => child.Name is not null);
    }

    /// <summary>The name of a path in a group (null: at the top level), or null when it is not right there.</summary>
    public static string? NameIn(string? group, string path)
    {
        if (group is not null && !path.StartsWith(group + " ", StringComparison.Ordinal))
            return null;
        var name = group is null ? path : path[(group.Length + 1)..];
        return name.Contains(' ', StringComparison.Ordinal) ? null : name;
    }

    private static IEnumerable<(string Name, string Summary)> ComposeGroups =>
        ComposeTable.Groups.Select(static group => ($"{Compose} {group.Name}", group.Summary));

    /// <summary>The commands that the help shows first, in this order.</summary>
    public static IReadOnlyList<string> CommonCommands =>
        ["run", "exec", "ps", "build", "pull", "push", "images", "login", "logout", "search", "version", "info"];

    /// <summary>Finds the command that words begin with.</summary>
    /// <returns>The command, the path it was called by and the number of words of that; or nothing.</returns>
    public static (CommandEntry? Entry, string Path, int Words) Find(List<string> words)
    {
        if (FindFrequent(words[0]) is { } frequent)
            return (frequent, words[0], 1);
        return FindIn(Entries, words) is ({ }, _, _) found ? found : FindIn(SwarmTable.Entries, words);
    }

    private static (CommandEntry? Entry, string Path, int Words) FindIn(IReadOnlyList<CommandEntry> entries, List<string> words)
    {
        foreach (var entry in entries)
        {
            foreach (var path in entry.Paths)
            {
                if (Match(path, words) is > 0 and var used)
                    return (entry, path, used);
            }
        }
        return (null, "", 0);
    }

    /// <summary>How many words a path has, if they are the first of those given; otherwise 0.</summary>
    private static int Match(ReadOnlySpan<char> path, List<string> words)
    {
        for (var used = 0; used < words.Count; used++)
        {
            var space = path.IndexOf(' ');
            if (!(space < 0 ? path : path[..space]).SequenceEqual(words[used]))
                return 0;
            if (space < 0)
                return used + 1;
            path = path[(space + 1)..];
        }
        return 0;
    }

    /// <summary>The commands whose time counts: making all entries to find one of them takes as long as its request is under way.</summary>
    private static CommandEntry? FindFrequent(string name) => name switch
    {
        "create" => CreateCommand.Entry,
        "exec" => ExecCommand.Entry,
        "inspect" => InspectCommand.Entry,
        "kill" => KillCommand.Entry,
        "logs" => LogsCommand.Entry,
        "ps" => ContainerListCommand.Entry,
        "rm" => RemoveContainerCommand.Entry,
        "run" => RunCommand.Entry,
        "start" => StartCommand.Entry,
        "stop" => StopCommand.Entry,
        "wait" => WaitCommand.Entry,
        _ => null,
    };
}
