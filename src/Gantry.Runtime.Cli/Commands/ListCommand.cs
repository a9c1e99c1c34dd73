using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Oci;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.State;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>list</c>: all containers, as a table or as JSON.</summary>
internal static class ListCommand
{
    private const int LeastWidth = 12, Padding = 3;

    internal static int Run(GlobalOptions global, ReadOnlySpan<string> words)
    {
        var options = CommandOptions.Parse(words, [new("format", Short: "f"), new("quiet", false, "q")]);
        options.Require("list", 0, 0);
        IReadOnlyList<ContainerListing> containers = [.. global.State.List().Select(record => StateCommand.Describe(global, record))];
        var text = options.Has("quiet") ? string.Concat(containers.Select(container => container.Id + "\n")) : (options.Value("format") ?? "table") switch
        {
            "table" => Table(containers),
            "json" => JsonSerializer.Serialize(containers, StateJson.Default.IReadOnlyListContainerListing),
            _ => throw GantryException.Invalid("invalid format option"),
        };
        StandardStreams.Write(1, text);
        return 0;
    }

    private static string Table(IReadOnlyList<ContainerListing> containers)
    {
        List<string[]> rows = [["ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER"]];
        rows.AddRange(containers.Select(container => new[]
        {
            container.Id, container.Pid.ToString(CultureInfo.InvariantCulture), container.Status, container.Bundle,
            container.Created.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture), container.Owner,
        }));
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Length - 1; column++)
                text.Append(row[column].PadRight(Math.Max(LeastWidth, rows.Max(other => other[column].Length) + Padding)));
            text.Append(row[^1]).Append('\n');
        }
        return text.ToString();
    }
}
