using System.Text;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary><c>top</c>: the processes of a container.</summary>
internal sealed class TopCommand : Command
{
    public static CommandEntry Entry => new(
        ["container top", "top"], "CONTAINER [ps OPTIONS]",
        "Display the running processes of a container",
        ArgumentCount.AtLeast(1), static _ => new TopCommand())
    {
        Interspersed = false,
    };

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var top = await session.Client.TopContainerAsync(arguments[0], string.Join(' ', arguments.Skip(1))).ConfigureAwait(false);
        var text = new StringBuilder().AppendJoin('\t', top.Titles).Append('\n');
        foreach (var process in top.Processes)
            text.AppendJoin('\t', process).Append('\n');
        new Tabulator(minimum: 20).Write(session.Out, text.ToString());
        return 0;
    }
}
