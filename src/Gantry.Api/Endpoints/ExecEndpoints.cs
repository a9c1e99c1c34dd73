using Gantry.Api.Hijacking;
using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Oci;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>Processes beside a container's first one: create, start, inspect, resize.</summary>
internal sealed class ExecEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("POST", "/containers/{id}/exec", CreateAsync)
        .Add("POST", "/exec/{id}/start", StartAsync)
        .Add("POST", "/exec/{id}/resize", ResizeAsync)
        .Add("GET", "/exec/{id}/json", InspectAsync);

    private async Task CreateAsync(ApiCall call)
    {
        var request = await call.ReadJsonOrNothingAsync(ApiJson.Wire.ExecCreateRequest);
        if (request.Cmd is not { Count: > 0 }) throw GantryException.Invalid("No exec command specified");
        var id = engine.Execs.Create(engine.Containers.Get(call.Path("id")), request, call.Path("id"));
        await call.AnswerAsync(StatusCodes.Status201Created, new ExecCreateResponse { Id = id }, ApiJson.Wire.ExecCreateResponse);
    }

    private async Task StartAsync(ApiCall call)
    {
        var start = await call.ReadOptionalJsonAsync(ApiJson.Wire.ExecStartRequest) ?? new ExecStartRequest();
        if (start.Detach)
        {
            await engine.Execs.StartDetachedAsync(call.Path("id"));
            await call.AnswerAsync(StatusCodes.Status200OK);
            return;
        }
        var session = engine.Execs.Open(call.Path("id"), start);
        var stream = await HijackedStream.OpenAsync(call, multiplexed: !session.Terminal);
        await session.RunAsync(stream, call.Aborted);
    }

    private async Task ResizeAsync(ApiCall call)
    {
        var (rows, columns) = TerminalSizeQuery.Read(call);
        await engine.Execs.ResizeAsync(call.Path("id"), rows, columns);
        await call.AnswerAsync(StatusCodes.Status200OK);
    }

    private Task InspectAsync(ApiCall call) => call.AnswerAsync(ExecMapping.ToInspect(engine.Execs.Get(call.Path("id"))), ApiJson.Wire.ExecInspectResponse);
}
