using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Plugins;

/// <summary>
/// <c>plugin enable</c>, <c>disable</c>, <c>rm</c> and <c>set</c>: what is done with plugins that an engine has. Gantry's has none, and says so.
/// </summary>
internal sealed class PluginChangeCommand : Command
{
    private readonly Func<CommandSession, IReadOnlyList<string>, Task<int>> _run;

    private PluginChangeCommand(Func<CommandSession, IReadOnlyList<string>, Task<int>> run) => _run = run;

    public static CommandEntry DisableEntry => Entry("plugin disable", "[OPTIONS] PLUGIN", "Disable a plugin", ArgumentCount.Exactly(1), static flags =>
    {
        var force = flags.Bool("force", 'f', "Disable it although containers use it");
        return (session, names) => Targets.ForEachAsync(session, names, name => session.Client.DisablePluginAsync(name, force.Value));
    });

    public static CommandEntry EnableEntry => Entry("plugin enable", "[OPTIONS] PLUGIN", "Enable a plugin", ArgumentCount.Exactly(1), static flags =>
    {
        var timeout = flags.Int("timeout", "How long to wait for it, in seconds", 30);
        return (session, names) => Targets.ForEachAsync(session, names, name => session.Client.EnablePluginAsync(name, timeout.Value));
    });

    public static CommandEntry RemoveEntry =>
        Entry("plugin rm,plugin remove", "[OPTIONS] PLUGIN [PLUGIN...]", "Remove one or more plugins", ArgumentCount.AtLeast(1), static flags =>
    {
        var force = flags.Bool("force", 'f', "Remove it although it is enabled");
        return (session, names) => Targets.ForEachAsync(session, names, name => session.Client.RemovePluginAsync(name, force.Value));
    });

    public static CommandEntry SetEntry =>
        Entry("plugin set", "PLUGIN KEY=VALUE [KEY=VALUE...]", "Change settings for a plugin", ArgumentCount.AtLeast(2), static _ => async (session, words) =>
    {
        await session.Client.SetPluginAsync(words[0], [.. words.Skip(1)]).ConfigureAwait(false);
        return 0;
    });

    /// <summary><c>create</c>, <c>install</c>, <c>push</c> and <c>upgrade</c>: no engine of ours runs plugins, so there is nothing to make them with.</summary>
    public static IReadOnlyList<CommandEntry> UnservedEntries =>
    [
        Unserved("plugin create", "[OPTIONS] PLUGIN PLUGIN-DATA-DIR", "Create a plugin from a rootfs and configuration", 2, 2),
        Unserved("plugin install", "[OPTIONS] PLUGIN [KEY=VALUE...]", "Install a plugin", 1, int.MaxValue),
        Unserved("plugin push", "[OPTIONS] PLUGIN[:TAG]", "Push a plugin to a registry", 1, 1),
        Unserved("plugin upgrade", "[OPTIONS] PLUGIN [REMOTE]", "Upgrade an existing plugin", 1, 2),
    ];

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) => _run(session, arguments);

    private static CommandEntry Entry(string paths, string usage, string summary, ArgumentCount count,
        Func<FlagSet, Func<CommandSession, IReadOnlyList<string>, Task<int>>> define) =>
        new(paths.Split(','), usage, summary, count, flags => new PluginChangeCommand(define(flags)));

    private static CommandEntry Unserved(string path, string usage, string summary, int least, int most) =>
        Entry(path, usage, summary, new ArgumentCount(least, most), flags =>
    {
        foreach (var name in (string[])["compress", "disable", "grant-all-permissions", "skip-remote-check"])
            flags.Add(new BoolFlag(name, '\0', "") { Hidden = true });
        flags.PassesOverUnknown = true;
        return (session, _) => throw new CommandException(
            $"{session.Program} {path}: plugins are not implemented in Gantry: volumes, networks and logs have built-in drivers, devices come by CDI (`--device VENDOR/CLASS=NAME`)");
    });
}
