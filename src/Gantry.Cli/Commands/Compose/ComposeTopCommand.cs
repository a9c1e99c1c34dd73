using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose top</c>: lists the processes of a project's containers.</summary>
internal sealed class ComposeTopCommand : ProjectCommand
{
    public static CommandEntry Entry =>
        new(["compose top"], "[SERVICES...]", "Display the running processes", ArgumentCount.Any, static _ => new ComposeTopCommand());

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (_, name) = session.ProjectOrName(arguments);
        var engine = session.QuietEngine();
        var titles = new List<string>();
        var rows = new List<(string Service, int Number, Dictionary<string, string> Cells)>();
        foreach (var container in await engine.ListAsync(name, null, all: false, arguments).ConfigureAwait(false))
        {
            var top = await engine.Client.TopContainerAsync(container.Id, null).ConfigureAwait(false);
            titles.AddRange(top.Titles.Except(titles));
            rows.AddRange(
                top.Processes.Select(process =>
                    (container.ServiceName(), Math.Max(container.Number(), 1),
                        top.Titles.Zip(process).ToDictionary(static cell => cell.First, static cell => cell.Second))));
        }
        if (rows.Count == 0)
            return 0;
        var table = string.Join('\t', titles.Prepend("#").Prepend("SERVICE")) + "\n"
            + string.Concat(
                rows.Select(row =>
                    string.Join('\t', titles.Select(title => row.Cells.GetValueOrDefault(title, "-"))
                        .Prepend(row.Number.ToString(System.Globalization.CultureInfo.InvariantCulture)).Prepend(row.Service)) + "\n"));
        new Tabulator(4, 2).Write(session.Session.Out, table);
        return 0;
    }
}
