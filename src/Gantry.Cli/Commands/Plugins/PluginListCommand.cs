using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Plugins;

/// <summary><c>plugin ls</c>: lists the engine's plugins. Gantry's own engine has none.</summary>
internal sealed class PluginListCommand(FlagSet flags) : Command
{
    private readonly FilterFlag _filter = FilterFlag.Define(flags, 'f', "Only plugins that match, e.g. \"enabled=true\"");
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Do not shorten output");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only display plugin IDs");

    public static CommandEntry Entry =>
        new(["plugin ls", "plugin list"], "[OPTIONS]", "List plugins", ArgumentCount.None, static flags => new PluginListCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var plugins = await session.Client.ListPluginsAsync(_filter.Filters).ConfigureAwait(false);
        var format = _format.Value.Length > 0 ? _format.Value : _quiet.Value ? "" : session.Settings.Text("pluginsFormat");
        if (_quiet.Value && format is "" or "table")
            format = "{{.ID}}";
        Listing.Write(
            session.Out, format, "{{.ID}}\t{{.Name}}\t{{.Description}}\t{{.Enabled}}", Columns(!_noTrunc.Value),
            plugins.OrderBy(static plugin => plugin.Name, StringComparer.Ordinal), "formatter.pluginContext");
        return 0;
    }

    private static IReadOnlyList<Column<Plugin>> Columns(bool truncate) =>
    [
        new("ID", "ID", plugin => truncate ? HumanText.ShortId(plugin.Id) : plugin.Id),
        new("Name", "NAME", static plugin => plugin.Name),
        new("Description", "DESCRIPTION", plugin => truncate ? HumanText.Ellipsis(plugin.Config.Description, 45) : plugin.Config.Description),
        new("Enabled", "ENABLED", static plugin => plugin.Enabled ? "true" : "false"),
        new("PluginReference", "", static plugin => plugin.PluginReference),
    ];
}
