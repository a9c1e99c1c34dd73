using System.Text.Json;
using Gantry.Api.Build;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Build;
using Gantry.Build.Cache;
using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Progress;
using Gantry.Build.Solver;
using Gantry.Engine.Build;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Oci.Values;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>Builds, the classic way, and the cache of builds.</summary>
internal sealed class BuildEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("POST", "/build", BuildAsync)
        .Add("POST", "/gantry/build", call => BuildSession.RunAsync(call, engine))
        .Add("POST", "/build/cancel", CancelAsync)
        .Add("POST", "/build/prune", PruneAsync);

    private async Task BuildAsync(ApiCall call)
    {
        // 1. What is asked for.
        if (call.Query("version") is not ("" or "1" or "2") and var version)
            throw GantryException.Invalid($"invalid version \"{version}\"");
        if (call.Query("version") == "2")
            throw GantryException.NotImplemented("builds by sessions of clients before docker 23: set DOCKER_BUILDKIT=0, or use a docker with buildx");
        if (call.Query("remote") == "client-session")
            throw GantryException.Invalid("experimental session with v1 builder is no longer supported, use builder version v2 (BuildKit) instead");
        var options = ClassicBuildQuery.Options(call);
        StepLimits.Check(options);
        var names = ClassicBuildQuery.Names(call);
        var arguments = ClassicBuildQuery.ArgumentNames(call);
        var asksForOutputs = ClassicBuildQuery.AsksForOutputs(call);
        var credentials = RegistryConfigHeader.Read(call);
        var dockerfile = call.Query("dockerfile") is { Length: > 0 } given ? given : "Dockerfile";
        var isQuiet = call.Flag("q");
        var caches = new CacheOrders(engine.Builds, credentials).Of(ClassicBuildQuery.CacheFrom(call));
        // 2. The context, as the client sends it.
        using var hold = engine.Builds.HoldContexts();
        var context = await ReadContextAsync(call, options);
        if (call.Query("remote").Length > 0 && ImageBuilder.IsDockerfileAlone(context))
            dockerfile = ImageBuilder.FetchedDockerfile;
        var document = ClassicDockerfile.Read(engine.Builds.Files, context, dockerfile);
        // 3. The build, whose progress is the answer.
        await ProgressStream.RunAsync(call, async report =>
        {
            var stream = new ClassicBuildStream(isQuiet ? _ => { } : report, arguments);
            try
            {
                var outcome = await engine.Builds.BuildAsync(
                    pull => new BuildRequest
                    {
                        Contexts = new GivenContexts(new Dictionary<string, FileSet> { ["context"] = context }),
                        Dockerfile = document.File,
                        Options = options,
                        Names = names,
                        AlwaysPull = call.Flag("pull"),
                        Pull = pull,
                        Credentials = NoCredentials.Instance,
                        Caches = caches,
                        Progress = stream.Take,
                        Compiled = stream.Begin,
                    },
                    credentials,
                    call.Aborted);
                if (!isQuiet)
                    report(new ProgressMessage { Aux = JsonSerializer.SerializeToElement(
                        new BuildResult { Id = outcome.Image!.Id.ToString() }, ApiJson.Wire.BuildResult) });
                if (asksForOutputs && !isQuiet)
                    report(new ProgressMessage { Stream = "[Warning] outputs are not written by the classic builder: the image is kept\n" });
                stream.Finish(outcome.Image!.Id.ToString(), names.Select(name => name.Familiar));
                if (isQuiet)
                    report(new ProgressMessage { Stream = $"{outcome.Image.Id}\n" });
            }
            catch (DockerfileException error) when (!error.IsOfParser && StepFailedException.In(error) is null)
            {
                // Docker finds out when it comes to the instruction: clients look for the error in the stream.
                stream.Fail(document, error.Range);
                throw;
            }
            catch (GantryException error) when (StepFailedException.In(error) is { } failed)
            {
                var message = $"The command '{failed.Command}' returned a non-zero code: {failed.ExitCode}";
                report(new ProgressMessage { Error = message, ErrorDetail = new ErrorDetail { Code = failed.ExitCode, Message = message } });
            }
        });
    }

    /// <summary>The context: the archive in the body, or what lies at the address in <c>remote</c>.</summary>
    private async Task<FileSet> ReadContextAsync(ApiCall call, FrontendOptions options)
    {
        if (call.Query("remote") is { Length: > 0 } place)
            return await FetchContextAsync(place, options, call.Aborted);
        await using var archive = call.OpenArchive();
        return await new ArchiveContextReader(engine.Builds.Files).ReadAsync(archive, call.Aborted);
    }

    private Task<FileSet> FetchContextAsync(string place, FrontendOptions options, CancellationToken cancellation)
    {
        if (!GitReference.IsRemoteContext(place))
            throw GantryException.Invalid($"remoteURL ({place}) could not be recognized as URL");
        // The answer begins with the first step: who waits for the context is told when it cannot be had.
        // A classic build has neither secrets nor agents.
        return new BuildProgress(TimeProvider.System, static _ => { }).Begin(place).RunAsync(
            step => engine.Builds.FetchAsync(place, options.KeepsGitFolder, NoCredentials.Instance, step, cancellation));
    }

    private static Task CancelAsync(ApiCall call) =>
        call.Query("id").Length > 0 ? call.AnswerAsync(StatusCodes.Status200OK) : throw GantryException.Invalid("build ID not provided");

    private Task PruneAsync(ApiCall call)
    {
        var filters = call.Filters([.. s_fields, "unused-for", "until", "label", "label!"]);
        var selection = new CacheSelection
        {
            Filter = RecordFilter.Parse([string.Join(',', s_fields.SelectMany(field => filters[field].Select(value => RecordFilter.Term(field, value))))]),
            UnusedSince = filters["until"].Concat(filters["unused-for"]).Select(text => FilterTime.Parse(text, DateTimeOffset.UtcNow))
                .Cast<DateTimeOffset?>().Min(),
            All = call.Flag("all"),
            Bounds = new CacheBounds(call.Number("max-used-space") ?? 0, call.Number("reserved-space") ?? call.Number("keep-storage") ?? 0,
                call.Number("min-free-space") ?? 0),
        };
        var (removed, freed) = filters.MatchesLabels(s_noLabels) ? engine.Builds.Prune(selection) : ([], 0);
        return call.AnswerAsync(new BuildPruneResponse { CachesDeleted = removed.Count > 0 ? [.. removed.Select(usage => usage.Id)] : null,
            SpaceReclaimed = freed }, ApiJson.Wire.BuildPruneResponse);
    }

    private static readonly string[] s_fields = ["id", "parent", "type", "description", "inuse", "shared", "private"];

    /// <summary>Cache entries have no labels: `label=x` chooses none of them, `label!=x` all.</summary>
    private static readonly Dictionary<string, string> s_noLabels = [];
}
