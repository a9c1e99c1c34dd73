using System.Globalization;
using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Planning;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose scale</c>: changes how many containers services have.</summary>
internal sealed class ComposeScaleCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _noDependencies = flags.Bool("no-deps", "Don't start linked services");

    public static CommandEntry Entry =>
        new(["compose scale", "compose alpha scale"], "[SERVICE=REPLICAS...]", "Scale services", ArgumentCount.AtLeast(1), static flags =>
            new ComposeScaleCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var argument in arguments)
        {
            if (argument.Split('=', 2) is not [{ Length: > 0 } name, var text])
                throw new ComposeException($"invalid scale specifier: {argument}");
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count))
                throw new ComposeException($"invalid scale specifier: can't parse replica value as int: {argument}");
            counts[name] = count;
        }
        string[] services = [.. counts.Keys];
        var project = _noDependencies.Value ? session.LoadAlone(services) : session.Load(services);
        foreach (var (name, count) in counts)
            project.Service(name).SetScale(count);
        foreach (var service in project.Services.Values)
            BuildPlatform.Apply(service, project.Variables);
        await session.RunAsync("Running", async engine =>
        {
            var images = new ImageEnsurer(engine, session.FindCredentials, session.Builder(engine, project, quiet: false));
            var options = new UpOptions { Services = services, IgnoreOrphans = true };
            var prepared = await new ProjectUp(engine, images).PrepareAsync(project, options).ConfigureAwait(false);
            await prepared.StartAsync(engine, options).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return 0;
    }
}
