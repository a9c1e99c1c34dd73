using System.Globalization;
using Gantry.Api.Model;
using Gantry.Cli.Commands.Containers;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Templates;
using Gantry.Compose;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose ps</c>: lists a project's containers.</summary>
internal sealed class ComposePsCommand(FlagSet flags) : ProjectCommand
{
    private const string Table = "{{.Name}}\t{{.Image}}\t{{.Command}}\t{{.Service}}\t{{.RunningFor}}\t{{.Status}}\t{{.Ports}}";

    private readonly BoolFlag _all = flags.Bool("all", 'a', "Show all stopped containers (including those created by the run command)");
    private readonly ValueFlag<string> _filter = flags.String("filter", "Filter services by a property (supported filters: status)");
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing, "table");
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Don't truncate output");
    private readonly BoolFlag _orphans = flags.Add(
        new BoolFlag("orphans", '\0', "Include orphaned services (not declared by project) (default true)") { Value = true });
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only display IDs");
    private readonly BoolFlag _services = flags.Bool("services", "Display services");
    private readonly ListFlag<string> _status = flags.List(
        "status", "Filter services by status. Values: [paused | restarting | removing | running | dead | created | exited]");

    public static CommandEntry Entry => new(
        ["compose ps"], "[OPTIONS] [SERVICE...]", "List containers", ArgumentCount.Any, static flags => new ComposePsCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var states = States();
        var (project, name) = session.ProjectOrName([]);
        if (project is not null && arguments.FirstOrDefault(service => !project.Services.ContainsKey(service)) is { } unknown)
            throw new ComposeException($"no such service: {unknown}");
        var wanted = arguments.Count > 0 || _orphans.Value || project is null ? arguments : [.. project.Services.Keys];
        var engine = session.QuietEngine();
        var containers = await engine.ListAsync(name, _all.Value ? null : false, _all.Value || states.Count > 0, wanted).ConfigureAwait(false);
        if (states.Count > 0)
            containers.RemoveAll(container => !states.Contains(container.State));
        var output = session.Session.Out;
        if (_quiet.Value)
            foreach (var container in containers)
                output.Write(container.Id + "\n");
        else if (_services.Value)
            output.Write(string.Join('\n', containers.Select(static container => container.ServiceName()).Distinct()) + "\n");
        else if (_format.Value == "json")
            await WriteJsonAsync(session, engine, containers).ConfigureAwait(false);
        else
            Listing.Write(output, _format.Value is "" ? session.Session.Settings.Text("psFormat") : _format.Value == "table" ? "" : _format.Value, Table,
                Columns(), containers, "formatter.ContainerContext");
        return 0;
    }

    private List<string> States()
    {
        var states = _status.Values.ToList();
        if (_filter.Value.Length == 0)
            return states;
        if (_filter.Value.Split('=', 2) is not [var name, var value])
            throw new ComposeException("arguments to --filter should be in form KEY=VAL");
        if (name != "status")
            throw new ComposeException(name == "source" ? "not implemented" : $"unknown filter {name}");
        states.Add(value);
        return states;
    }

    private IReadOnlyList<Column<ContainerSummary>> Columns() =>
    [
        new("Name", "NAME", static container => container.Name()),
        new("Service", "SERVICE", static container => container.ServiceName()),
        new("Project", "PROJECT", static container => container.Labels.GetValueOrDefault(Gantry.Compose.Planning.Labels.Project, "")),
        new("ExitCode", "EXIT CODE", static container => ExitCodeOf(container)),
        new("Health", "HEALTH", static container => HealthOf(container)),
        .. ContainerColumns.All(!_noTrunc.Value)
            .Select(static column => column.Name == "Image" ? column with { Value = static container => container.Image } : column),
    ];

    private async Task WriteJsonAsync(ComposeSession session, EngineAccess engine, IReadOnlyList<ContainerSummary> containers)
    {
        foreach (var container in containers)
        {
            var columns = Columns().ToDictionary(static column => column.Name, static column => column.Value, StringComparer.Ordinal);
            var row = new ListedContainer(container, (await engine.Client.InspectContainerAsync(container.Id).ConfigureAwait(false)).State, name =>
                columns[name](container));
            session.Session.Out.Write(GoJson.Write(row, escapeHtml: true) + "\n");
        }
    }

    // The daemon's text for the state tells it: `Exited (3) 5 minutes ago`, `Up 3 seconds (healthy)`.
    private static int ExitCodeOf(ContainerSummary container)
    {
        var open = container.Status.IndexOf('(', StringComparison.Ordinal);
        var close = container.Status.IndexOf(')', StringComparison.Ordinal);
        return container.State is "exited" or "dead" && open >= 0 && close > open
            && int.TryParse(container.Status.AsSpan(open + 1, close - open - 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code)
                ? code : 0;
    }

    private static string HealthOf(ContainerSummary container) =>
        container.Status.EndsWith("(healthy)", StringComparison.Ordinal) ? "healthy"
        : container.Status.EndsWith("(unhealthy)", StringComparison.Ordinal) ? "unhealthy"
        : container.Status.EndsWith("(health: starting)", StringComparison.Ordinal) ? "starting" : "";
}
