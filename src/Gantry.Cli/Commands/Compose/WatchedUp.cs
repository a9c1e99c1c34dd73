using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary>A project whose files are watched: what they change is synced into containers, or images are built and containers replaced.</summary>
/// <param name="session">The daemon, streams and settings.</param>
/// <param name="project">The project.</param>
/// <param name="quiet">Whether the output of builds is not shown.</param>
internal sealed class WatchedUp(ComposeSession session, Project project, bool quiet)
{
    /// <summary>Takes lines for the user: what was done; null for standard output.</summary>
    public Action<string>? Tell { get; init; }

    /// <summary>Whether images that lost their names by a rebuild are removed.</summary>
    public bool Prunes { get; init; } = true;

    /// <summary>Refuses a project that names nothing to watch.</summary>
    /// <exception cref="Gantry.Compose.ComposeException">No service names anything.</exception>
    public void Check() => ProjectWatch.Check(project);

    /// <summary>Watches until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await new ProjectWatch(session.QuietEngine(), project, Tell ?? Print, service => UpAsync([service.Name], build: true)).RunAsync(cancellation)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // That is how it ends.
        }
    }

    /// <summary>Builds images of services and brings these up; the others are left as they are.</summary>
    /// <param name="services">The services; empty for all.</param>
    /// <param name="build">Whether images that are there are built anew.</param>
    public Task UpAsync(IReadOnlyList<string> services, bool build) => session.RunAsync("Running", async engine =>
    {
        var wanted = services.Count == 0 ? [.. project.Services.Values] : services.Select(project.Service).ToArray();
        var before = build && Prunes ? wanted.Select(static service => service.ImageDigest).Where(static digest => digest.Length > 0).ToArray() : [];
        var builder = session.Builder(engine, project, quiet);
        if (build)
            await builder([.. wanted.Where(static service => service.Map("build") is not null)]).ConfigureAwait(false);
        var options = new UpOptions { Services = services, RecreateDependencies = services.Count == 0 ? RecreatePolicy.Diverged : RecreatePolicy.Never,
            IgnoreOrphans = true };
        var prepared = await new ProjectUp(engine, new ImageEnsurer(engine, session.FindCredentials, builder)).PrepareAsync(project, options)
            .ConfigureAwait(false);
        await prepared.StartAsync(engine, options).ConfigureAwait(false);
        foreach (var digest in before.Except(wanted.Select(static service => service.ImageDigest)))
            await RemoveAsync(engine, digest).ConfigureAwait(false);
    });

    private static async Task RemoveAsync(EngineAccess engine, string digest)
    {
        try
        {
            await engine.Client.RemoveImageAsync(digest, force: false, keepParents: false, []).ConfigureAwait(false);
        }
        catch (ClientException error) when (error.Status is 404 or 409)
        {
            // It has another name, or a container.
        }
    }

    private void Print(string line)
    {
        session.Session.Print(line);
        session.Session.Flush();
    }
}
