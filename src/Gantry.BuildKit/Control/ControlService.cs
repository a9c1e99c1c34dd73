using Gantry.Build.Cache;
using Gantry.BuildKit.Gateway;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Sessions;
using Gantry.Engine.Build;
using Gantry.Oci.Filters;

namespace Gantry.BuildKit.Control;

/// <summary><c>moby.buildkit.v1.Control</c>: builds, what is followed of them, and the cache.</summary>
internal sealed class ControlService(
    BuildService builds, SessionRegistry sessions, JobRegistry jobs, DockerfileFrontend frontend, JobExporter exporter, WorkerMessage worker,
    TimeProvider clock)
{
    /// <summary>The methods by their names.</summary>
    public IEnumerable<KeyValuePair<string, GrpcMethod>> Methods() => new Dictionary<string, GrpcMethod>
    {
        ["Solve"] = SolveAsync,
        ["Status"] = StatusAsync,
        ["Session"] = SessionAsync,
        ["ListWorkers"] = call => call.AnswerAsync(new WorkersMessage([worker with { Policies = builds.CachePolicies }])),
        ["Info"] = call => call.AnswerAsync(new InfoMessage(worker.Version)),
        ["DiskUsage"] = DiskUsageAsync,
        ["Prune"] = PruneAsync,
        ["ListenBuildHistory"] = new HistoryCalls(builds).ListenAsync,
        ["UpdateBuildHistory"] = new HistoryCalls(builds).UpdateAsync,
    }.Select(method => KeyValuePair.Create($"/moby.buildkit.v1.Control/{method.Key}", method.Value));

    private async Task SolveAsync(GrpcCall call)
    {
        // 1. Who asks for what.
        var request = SolveRequest.Parse((await call.ReadOneAsync()).Span);
        if (request.HasSourcePolicy)
            throw new GrpcException(GrpcCode.Unimplemented, "source policies are not implemented in this version of Gantry");
        var session = await sessions.WaitAsync(request.Session, call.Aborted);
        using var job = new BuildJob(request, session, builds, builds.HoldContexts(), clock, call.Aborted);
        using var entry = jobs.Add(job);
        try
        {
            // 2. What is to be built.
            var result = await ResultAsync(job);
            // 3. The build, and what becomes of it.
            var response = await exporter.ExportAsync(job, result);
            job.Record?.Finish(null, response);
            await call.WriteAsync(new SolveResponse(response));
        }
        catch (Exception error)
        {
            job.Record?.Finish(error.Message, new Dictionary<string, string>());
            throw;
        }
    }

    private async Task<GatewayResult> ResultAsync(BuildJob job)
    {
        var request = job.Request;
        if (request.Frontend.Length > 0)
            return await frontend.SolveAsync(request.Frontend, request.FrontendAttributes, request.FrontendInputs, job);
        if (request.Definition is { Length: > 0 } definition)
            return await frontend.SolveAsync(definition, job);
        // The client has a frontend of its own, which uses the gateway.
        var returned = await job.Returned.Task.WaitAsync(job.Cancellation);
        if (returned.Error is { } error)
            throw new GrpcException((GrpcCode)error.Code, error.Message, Protobuf.ProtoWriter.Encode(error));
        return returned.Result ?? GatewayResult.Of("");
    }

    private async Task StatusAsync(GrpcCall call)
    {
        var name = TextMessage.Parse((await call.ReadOneAsync()).Span).Value;
        if (!jobs.Has(name) && builds.History.Find(name) is not null)
        {
            await call.BeginAsync();
            foreach (var told in builds.History.ReadLog(name))
                await call.WriteAsync(new StatusMessage(told));
            return;
        }
        var job = await jobs.WaitAsync(name, call.Aborted);
        await call.BeginAsync();
        await foreach (var status in job.Feed.Follow().ReadAllAsync(call.Aborted))
            await call.WriteAsync(new StatusMessage(status));
    }

    /// <summary>A session whose connection is a call: for clients that cannot open a connection of their own.</summary>
    private async Task SessionAsync(GrpcCall call)
    {
        var head = new SessionHead(
            call.Metadata("X-Docker-Expose-Session-Uuid"), call.Metadata("X-Docker-Expose-Session-Sharedkey"),
            call.MetadataValues("X-Docker-Expose-Session-Grpc-Method"));
        await call.BeginAsync();
        await using var connection = new CallStream(call);
        await sessions.ServeAsync(head, connection, connection.Ended, call.Aborted);
    }

    private async Task DiskUsageAsync(GrpcCall call)
    {
        var filter = RecordFilter.Parse(DiskUsageRequest.Parse((await call.ReadOneAsync()).Span).Filters);
        await call.WriteAsync(new DiskUsageMessage([.. builds.CacheUsages().Where(usage => usage.Matches(filter)).Select(Usage)]));
    }

    private async Task PruneAsync(GrpcCall call)
    {
        var request = PruneRequest.Parse((await call.ReadOneAsync()).Span);
        var oldest = request.KeepNanoseconds > 0 ? clock.GetUtcNow() - TimeSpan.FromMicroseconds(request.KeepNanoseconds / 1000d) : (DateTimeOffset?)null;
        var (removed, _) = builds.Prune(
            new CacheSelection { Filter = RecordFilter.Parse(request.Filters), UnusedSince = oldest, All = request.All, Bounds = request.Bounds });
        foreach (var usage in removed)
            await call.WriteAsync(Usage(usage));
    }

    private static UsageMessage Usage(CacheUsage usage) => new()
    {
        Id = usage.Id,
        Mutable = usage.IsMutable,
        InUse = usage.IsInUse,
        Size = usage.Size,
        CreatedAt = usage.CreatedAt,
        LastUsedAt = usage.LastUsedAt,
        UsageCount = usage.Uses,
        Description = usage.Description,
        RecordType = usage.KindName,
        Shared = usage.IsShared,
    };
}
