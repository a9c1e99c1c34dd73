using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Oci;

namespace Gantry.Api.Endpoints;

/// <summary>`/containers/{id}/stats`.</summary>
internal sealed class ContainerStatsEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes.Add("GET", "/containers/{id}/stats", ReadAsync);

    private async Task ReadAsync(ApiCall call)
    {
        var (stream, oneShot) = (call.Flag("stream", absent: true), call.Flag("one-shot"));
        if (stream && oneShot) throw GantryException.Invalid("cannot have stream=true and one-shot=true");
        var container = engine.Containers.Get(call.Path("id"));
        if (!stream)
        {
            var reading = oneShot ? engine.Statistics.ReadOnce(container) : await engine.Statistics.ReadAsync(container, call.Aborted);
            await call.AnswerAsync(reading, ApiJson.Wire.ContainerStatsResponse);
            return;
        }
        var output = await JsonStream.OpenAsync(call);
        await foreach (var reading in engine.Statistics.FollowAsync(container, call.Aborted)) await output.WriteAsync(
            reading, ApiJson.Wire.ContainerStatsResponse);
    }
}
