using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Progress;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose cp</c>: copies files between a service's containers and here.</summary>
internal sealed class ComposeCopyCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _all = flags.Bool("all", "Include containers created by the run command");
    private readonly BoolFlag _archive = flags.Bool("archive", 'a', "Archive mode (copy all uid/gid information)");
    private readonly BoolFlag _follow = flags.Bool("follow-link", 'L', "Always follow symbol link in SRC_PATH");
    private readonly ValueFlag<long> _index = flags.Int("index", "Index of the container if service has multiple replicas");

    public static CommandEntry Entry => new(
        ["compose cp"], "[OPTIONS] SERVICE:SRC_PATH DEST_PATH|-\n\tdocker compose cp [OPTIONS] SRC_PATH|- SERVICE:DEST_PATH",
        "Copy files/folders between a service container and the local filesystem",
        ArgumentCount.Exactly(2), static flags => new ComposeCopyCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (_, name) = session.ProjectOrName([]);
        var engine = session.QuietEngine();
        var from = ServiceOf(arguments[0]);
        var to = ServiceOf(arguments[1]);
        if (from.Length > 0 == to.Length > 0)
            throw new ComposeException(from.Length > 0 ? "copying between services is not supported" : "unknown copy direction");
        var service = from.Length > 0 ? from : to;
        // Out of one container, into all of them.
        var containers = from.Length > 0 || _index.Value > 0
            ? await FindAsync(engine, name, service).ConfigureAwait(false)
            : await engine.ListAsync(name, _all.Value ? null : false, all: true, [service]).ConfigureAwait(false);
        if (containers.Count == 0)
            throw new ComposeException($"no container found for service \"{service}\"");
        session.RefuseDryRun("cp");
        foreach (var container in containers)
        {
            string Named(string argument, string owner) => owner.Length > 0 ? container.Id + argument[owner.Length..] : argument;
            List<string> words = ["cp", "--quiet", Named(arguments[0], from), Named(arguments[1], to)];
            if (_archive.Value)
                words.Insert(1, "--archive");
            if (_follow.Value)
                words.Insert(1, "--follow-link");
            var what = from.Length > 0 ? $"copy {container.Name()}{arguments[0][from.Length..]} to {arguments[1]}"
                : $"copy {arguments[0]} to {container.Name()}{arguments[1][to.Length..]}";
            var code = await session.RunAsync("Copying", async progress =>
            {
                progress.Progress.Report(new Step(container.Name(), StepState.Working, "Copying") { Word = what });
                var result = await OtherCommand.RunAsync(session, words).ConfigureAwait(false);
                if (result == 0)
                    progress.Progress.Report(new Step(container.Name(), StepState.Done, "Copied") { Word = what });
                return result;
            }).ConfigureAwait(false);
            if (code != 0)
                return code;
        }
        return 0;
    }

    private async Task<List<ContainerSummary>> FindAsync(EngineAccess engine, string name, string service)
    {
        try
        {
            return [await engine.FindAsync(name, service, (int)_index.Value, all: true).ConfigureAwait(false)];
        }
        catch (ComposeException) when (_index.Value == 0)
        {
            return [];
        }
    }

    // A colon after a slash or dot belongs to a path.
    private static string ServiceOf(string argument)
    {
        var colon = argument.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0 || argument[0] is '/' or '.' ? "" : argument[..colon];
    }
}

/// <summary><c>compose stats</c>: what a project's containers use.</summary>
internal sealed class ComposeStatsCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _all = flags.Bool("all", 'a', "Show all containers (default shows just running)");
    private readonly ValueFlag<string> _format = flags.String("format", Output.FormatHelp.Listing);
    private readonly BoolFlag _noStream = flags.Bool("no-stream", "Disable streaming stats and only pull the first result");
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Do not truncate output");

    public static CommandEntry Entry => new(
        ["compose stats"], "[OPTIONS] [SERVICE]", "Display a live stream of container(s) resource usage statistics", ArgumentCount.AtMost(1), static flags =>
            new ComposeStatsCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var (_, name) = session.ProjectOrName(arguments);
        var containers = await session.QuietEngine().ListAsync(name, null, _all.Value, arguments).ConfigureAwait(false);
        List<string> words = ["stats", .. containers.Select(static container => container.Id)];
        if (_format.Value.Length > 0)
            words.InsertRange(1, ["--format", _format.Value]);
        if (_noStream.Value)
            words.Insert(1, "--no-stream");
        if (_noTrunc.Value)
            words.Insert(1, "--no-trunc");
        return containers.Count == 0 ? 0 : await OtherCommand.RunAsync(session, words).ConfigureAwait(false);
    }
}
