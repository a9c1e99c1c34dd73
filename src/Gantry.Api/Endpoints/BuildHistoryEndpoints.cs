using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Build.History;
using Gantry.Build.Progress;
using Gantry.Oci;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>The builds that there were; Gantry's own, for <c>gantry buildx history</c>.</summary>
internal sealed class BuildHistoryEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("GET", "/gantry/builds", call =>
            call.AnswerAsync([.. engine.Builds.History.List().Select(ToRecord)], ApiJson.Wire.IReadOnlyListBuildHistoryRecord))
        .Add("GET", "/gantry/builds/{name}/log", ReadLogAsync)
        .Add("DELETE", "/gantry/builds/{name}", RemoveAsync);

    private async Task ReadLogAsync(ApiCall call)
    {
        var name = call.Path("name");
        if (engine.Builds.History.Find(name) is null)
            throw GantryException.NotFound($"no such build record: {name}");
        var response = call.Http.Response;
        response.ContentType = "application/x-ndjson";
        foreach (var status in engine.Builds.History.ReadLog(name))
            await response.WriteAsync(JsonSerializer.Serialize(status, BuildStatusJson.Default.BuildStatus) + "\n", Encoding.UTF8, call.Aborted);
    }

    private Task RemoveAsync(ApiCall call)
    {
        var name = call.Path("name");
        return engine.Builds.History.Remove(name) ? call.AnswerAsync(StatusCodes.Status204NoContent)
            : throw GantryException.NotFound($"no such build record: {name}");
    }

    private static BuildHistoryRecord ToRecord(BuildRecord record) => new()
    {
        Ref = record.Ref, Attributes = record.FrontendAttributes, CreatedAt = record.CreatedAt, CompletedAt = record.CompletedAt, Error = record.Error,
        Response = record.Response, TotalSteps = record.TotalSteps, CompletedSteps = record.CompletedSteps, CachedSteps = record.CachedSteps,
        Warnings = record.Warnings,
    };
}
