using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Oci;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Hooks;
using Gantry.Runtime.State;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>ps</c>: the container's processes, by the host's <c>ps</c> or as a list of IDs.</summary>
internal static class PsCommand
{
    private static readonly string[] Programs = ["/usr/bin/ps", "/bin/ps"];

    internal static int Run(GlobalOptions global, ReadOnlySpan<string> words)
    {
        var options = CommandOptions.Parse(words, [new("format", Short: "f")]);
        options.Require("ps", 1, int.MaxValue);
        var record = global.State.Load(options.Arguments[0]);
        IReadOnlyList<int> processes = global.FindCgroup(record) is { } cgroup ? cgroup.Processes()
            : throw GantryException.Conflict("the container has no cgroup to find its processes by");
        var text = (options.Value("format") ?? "table") switch
        {
            "json" => JsonSerializer.Serialize(processes, StateJson.Default.IReadOnlyListInt32) + "\n",
            "table" => Table(processes, options.Arguments.Count > 1 ? [.. options.Arguments.Skip(1)] : ["-ef"]),
            _ => throw GantryException.Invalid("invalid format option"),
        };
        StandardStreams.Write(1, text);
        return 0;
    }

    private static string Table(IReadOnlyList<int> processes, string[] arguments)
    {
        var program = Programs.FirstOrDefault(File.Exists) ?? throw GantryException.Invalid("exec: \"ps\": executable file not found in $PATH");
        var end = new HostProgram(new ProcessSpawner()).Run(program, ["ps", .. arguments], ["PATH=/usr/bin:/bin"], []);
        if (end.Exit?.Code != 0)
            throw GantryException.Invalid($"ps {string.Join(' ', arguments)}: exit status {end.Exit?.Code}: {Encoding.UTF8.GetString(end.Error).Trim()}");
        var lines = Encoding.UTF8.GetString(end.Output).Split('\n');
        var column = Array.IndexOf(lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries), "PID");
        if (column < 0)
            throw GantryException.Invalid("couldn't find PID field in ps output");
        var wanted = processes.Select(process => process.ToString(CultureInfo.InvariantCulture)).ToHashSet();
        var kept = lines.Skip(1).Where(line =>
            line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is var fields && fields.Length > column && wanted.Contains(fields[column]));
        return string.Concat(kept.Prepend(lines[0]).Select(line => line + "\n"));
    }
}
