using Gantry.Api.Hijacking;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Api.WebSockets;
using Gantry.Engine.Attach;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>Attach and resize.</summary>
internal sealed class ContainerAttachEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("POST", "/containers/{id}/attach", AttachAsync)
        .Add("GET", "/containers/{id}/attach/ws", AttachByWebSocketAsync)
        .Add("POST", "/containers/{id}/resize", ResizeAsync);

    private async Task AttachAsync(ApiCall call)
    {
        // Attached before the head is sent: errors are ordinary answers, and no output after the head is missed.
        await using var session = await engine.Attacher.OpenAsync(engine.Containers.Get(call.Path("id")), OptionsOf(call));
        var stream = await HijackedStream.OpenAsync(call, multiplexed: !session.Terminal);
        await session.RunAsync(stream, call.Aborted);
    }

    private async Task AttachByWebSocketAsync(ApiCall call)
    {
        await using var session = await engine.Attacher.OpenAsync(engine.Containers.Get(call.Path("id")), OptionsOf(call));
        var stream = await WebSocketStream.OpenAsync(call, framed: !session.Terminal);
        await stream.RunAsync(session.RunAsync);
    }

    private static AttachOptions OptionsOf(ApiCall call) => new()
    {
        Stdin = call.Flag("stdin"),
        Stdout = call.Flag("stdout"),
        Stderr = call.Flag("stderr"),
        Logs = call.Flag("logs"),
        Stream = call.Flag("stream"),
        DetachKeys = call.Query("detachKeys"),
    };

    private async Task ResizeAsync(ApiCall call)
    {
        var (rows, columns) = TerminalSizeQuery.Read(call);
        await engine.Attacher.ResizeAsync(engine.Containers.Get(call.Path("id")), rows, columns);
        await call.AnswerAsync(StatusCodes.Status200OK);
    }
}
