using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Templates;
using Gantry.Client;
using Gantry.Compose;
using Gantry.Compose.Planning;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose ls</c>: lists projects.</summary>
internal sealed class ComposeListCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _all = flags.Bool("all", 'a', "Show all stopped Compose projects");
    private readonly FilterFlag _filter = FilterFlag.Define(flags, '\0', "Filter output based on conditions provided");
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output. Values: [table | json]", "table");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only display project names");

    public static CommandEntry Entry =>
        new(["compose ls"], "[OPTIONS]", "List running compose projects", ArgumentCount.None, static flags => new ComposeListCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        if (_format.Value is not ("table" or "json"))
            throw new ComposeException($"format value \"{_format.Value}\" could not be parsed: parsing failed");
        if (_filter.Filters.Names.FirstOrDefault(static name => name != "name") is { } unknown)
            throw new ComposeException($"invalid filter '{unknown}'");
        var containers = await session.Session.Client.ListContainersAsync(
            _all.Value, null, false, new Filters().Add("label", Labels.Project).Add("label", Labels.ConfigHash)).ConfigureAwait(false);
        var wanted = _filter.Filters.Get("name").ToArray();
        var projects = containers.GroupBy(static container => container.Labels[Labels.Project]).OrderBy(static group => group.Key, StringComparer.Ordinal)
            .Where(group => wanted.Length == 0 || wanted.Any(name => group.Key.Contains(name, StringComparison.Ordinal)))
            .Select(static group => new Listed(group.Key, StatusOf(group), FilesOf(group))).ToArray();
        var output = session.Session.Out;
        if (_quiet.Value)
            output.Write(string.Concat(projects.Select(static project => project.Name + "\n")));
        else if (_format.Value == "json")
            output.Write(
                $"[{string.Join(',', projects.Select(static project => $"{{\"Name\":{Json(project.Name)},\"Status\":{Json(project.Status)},\"ConfigFiles\":{Json(project.Files)}}}"))}]\n");
        else
            new Tabulator(20, 3).Write(output, "NAME\tSTATUS\tCONFIG FILES\n"
                + string.Concat(projects.Select(static project => $"{project.Name}\t{project.Status}\t{project.Files}\n")));
        return 0;
    }

    private static string Json(string text) => GoJson.Write(text, escapeHtml: true);

    // As docker shows it: each state with how many containers are in it.
    private static string StatusOf(IEnumerable<ContainerSummary> containers) => string.Join(
        ", ", containers.GroupBy(static container => container.State).OrderBy(static state => state.Key, StringComparer.Ordinal)
            .Select(static state => $"{state.Key}({state.Count()})"));

    private static string FilesOf(IEnumerable<ContainerSummary> containers)
    {
        var files = containers.SelectMany(static container =>
            container.Labels.GetValueOrDefault(Labels.Files, "").Split(',', StringSplitOptions.RemoveEmptyEntries)).Distinct().ToArray();
        return files.Length == 0 ? "N/A" : string.Join(',', files);
    }

    private sealed record Listed(string Name, string Status, string Files);
}
