using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Commands.Builds;
using Gantry.Client;
using Gantry.Compose;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary>
/// Builds the images of services by Gantry's own stream: all at once, with one display, each after those whose images it is made from. Steps that several
/// have in common the daemon runs once. A daemon that is not Gantry's builds them by the classic build of the Engine API.
/// </summary>
/// <param name="session">The daemon, streams and settings.</param>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
internal sealed class ServiceBuilds(ComposeSession session, EngineAccess engine, Project project)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task> _begun = new(StringComparer.Ordinal);

    /// <summary>Whether the steps are not shown.</summary>
    public bool Quiet { get; init; }

    /// <summary>What the flags of the command change.</summary>
    public BuildChanges Changes { get; init; } = new();

    /// <summary>What the daemon found in the Dockerfiles, by the services' names, where <see cref="BuildChanges.OnlyChecks"/> asked for that.</summary>
    public SortedDictionary<string, BuildSessionAnswer> Answers { get; } = new(StringComparer.Ordinal);

    /// <summary>Builds the images of services.</summary>
    /// <exception cref="ComposeException">One cannot be built.</exception>
    public async Task BuildAsync(IReadOnlyList<Service> services)
    {
        if (services.Count == 0)
            return;
        if (engine.IsDryRun)
        {
            foreach (var service in services)
                engine.Progress.Done(service.Name, "Built");
            return;
        }
        var display = NewDisplay();
        engine.Progress.Pause(true);
        var failed = true;
        try
        {
            foreach (var service in services)
                _ = Begin(service, display);
            await Task.WhenAll(_begun.Values).ConfigureAwait(false);
            failed = false;
        }
        finally
        {
            lock (_gate)
                display.Finish(failed);
            engine.Progress.Pause(false);
        }
        if (Changes.OnlyChecks)
            return;
        foreach (var service in services)
            engine.Progress.Done(service.Name, "Built");
    }

    // One build, begun by itself or by another that is made from its image.
    private Task Begin(Service service, IBuildDisplay display)
    {
        lock (_begun)
        {
            if (_begun.TryGetValue(service.Name, out var begun))
                return begun;
            var task = Threads.RunAsync(() => BuildAsync(service, display));
            return _begun[service.Name] = task;
        }
    }

    private async Task BuildAsync(Service service, IBuildDisplay display)
    {
        var order = new ServiceBuildOrder(session.Session, project, service, Changes, session.Secrets.Find);
        foreach (var name in order.Bases)
            await Begin(project.Buildable(name), display).ConfigureAwait(false);
        try
        {
            using var connection = await OpenAsync().ConfigureAwait(false);
            if (connection is null)
            {
                if (Changes.OnlyChecks)
                    throw new ComposeException("--check: only a daemon of Gantry's checks Dockerfiles");
                await new ImageBuilder(engine, project, Quiet ? TextWriter.Null : session.Session.Error, session.FindCredentials)
                {
                    NoCache = Changes.NoCache, Pull = Changes.Pull, Arguments = Changes.Arguments,
                }.BuildAsync(service).ConfigureAwait(false);
                return;
            }
            var (request, context) = order.Request();
            request.Credentials = await session.Session.Credentials.AllAsync().ConfigureAwait(false);
            using var contexts = new ContextList(context, order.Contexts, request, session.Warn);
            BuildSecrets.LendAgentForContext(session.Session, request);
            await connection.SendAsync(request).ConfigureAwait(false);
            await contexts.SendEntriesAsync(connection).ConfigureAwait(false);
            using var outputs = new OutputList(session.Session, [], request.CacheTo ?? []);
            var result = await FollowAsync(connection, contexts, outputs, service, display).ConfigureAwait(false);
            if (result.Answer is { } answer)
            {
                lock (_gate)
                    Answers[service.Name] = answer;
            }
        }
        catch (Exception error) when (error is CommandException or ClientException or IOException)
        {
            throw new ComposeException(error.Message);
        }
    }

    private async Task<BuildConnection?> OpenAsync()
    {
        try
        {
            return await session.Session.Client.BuildAsync().ConfigureAwait(false);
        }
        catch (ClientException error) when (error.IsNotFound)
        {
            return null;
        }
    }

    private async Task<BuildSessionResult> FollowAsync(
        BuildConnection connection, ContextList contexts, OutputList outputs, Service service, IBuildDisplay display)
    {
        while (await connection.ReceiveAsync().ConfigureAwait(false) is var (kind, payload))
        {
            switch (kind)
            {
                case BuildFrame.Need:
                    await contexts.SendContentAsync(connection, payload).ConfigureAwait(false);
                    break;
                case BuildFrame.Status:
                    var events = BuildEvents.Parse(payload);
                    lock (_gate)
                        display.Take(Of(service, events));
                    break;
                case BuildFrame.Output:
                    outputs.Take(payload.Span);
                    break;
                case BuildFrame.Result:
                    return JsonSerializer.Deserialize(payload.Span, ApiJson.Wire.BuildSessionResult) ?? new BuildSessionResult();
                case BuildFrame.Error:
                    var error = JsonSerializer.Deserialize(payload.Span, ApiJson.Wire.BuildSessionError) ?? new BuildSessionError();
                    throw new ComposeException(error.Message.StartsWith("failed to solve", StringComparison.Ordinal) ? error.Message
                        : $"failed to solve: {error.Message}");
                default:
                    throw new IOException($"the daemon sent a message {(int)kind} that is not understood");
            }
        }
        throw new IOException("the daemon ended before the build did");
    }

    private static BuildEvents Of(Service service, BuildEvents events)
    {
        // What is no step of the Dockerfile each build has for itself.
        var own = events.Vertexes.Where(static vertex => !vertex.Name.StartsWith('[') || vertex.Name.StartsWith("[internal]", StringComparison.Ordinal))
            .ToDictionary(static vertex => vertex.Digest, vertex => $"{service.Name}/{vertex.Digest}");
        string Own(string digest) => own.GetValueOrDefault(digest, digest);
        return events with
        {
            Vertexes = [.. events.Vertexes.Select(vertex => vertex with { Name = Named(service, vertex.Name), Digest = Own(vertex.Digest) })],
            Logs = [.. events.Logs.Select(log => log with { Vertex = Own(log.Vertex) })],
        };
    }

    // [2/3] RUN … of one of several is [web 2/3] RUN …
    private static string Named(Service service, string step) => step.StartsWith('[') ? $"[{service.Name} {step[1..]}" : $"[{service.Name}] {step}";

    private IBuildDisplay NewDisplay()
    {
        if (Quiet)
            return new QuietDisplay();
        var terminal = session.Session.Context.Terminal;
        return ProgressChoice.IsLive(session) && terminal.ErrorSize is not null ? new LiveDisplay(session.Session.Error, terminal)
            : new PlainDisplay(session.Session.Error, explains: false);
    }
}
