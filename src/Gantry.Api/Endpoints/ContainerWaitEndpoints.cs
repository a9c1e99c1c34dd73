using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Engine.Containers;
using Gantry.Oci;

namespace Gantry.Api.Endpoints;

/// <summary>`/containers/{id}/wait`.</summary>
internal sealed class ContainerWaitEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes.Add("POST", "/containers/{id}/wait", WaitAsync);

    private async Task WaitAsync(ApiCall call)
    {
        var condition = ConditionOf(call.Query("condition"));
        var container = engine.Containers.Get(call.Path("id"));
        // 1. Wait first: what ends after this line is seen.
        var wait = engine.Waiter.WaitAsync(container, condition, call.Aborted);
        // 2. The head tells the client that the wait stands; `docker run` starts the container only then.
        var stream = await JsonStream.OpenAsync(call);
        // 3. The result.
        var result = await wait;
        var error = result.Error is { } message ? new ContainerWaitExitError { Message = message } : null;
        await stream.WriteAsync(new ContainerWaitResponse { StatusCode = result.StatusCode, Error = error }, ApiJson.Wire.ContainerWaitResponse);
    }

    private static WaitCondition ConditionOf(string text) => text switch
    {
        "" or "not-running" => WaitCondition.NotRunning,
        "next-exit" => WaitCondition.NextExit,
        "removed" => WaitCondition.Removed,
        _ => throw GantryException.Invalid($"invalid condition: \"{text}\""),
    };
}
