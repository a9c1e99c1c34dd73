using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;

namespace Gantry.Api.Endpoints;

/// <summary>What reads containers without changing them: list, inspect, top.</summary>
internal sealed class ContainerQueryEndpoints(Engine.Engine engine)
{
    private readonly ContainerMapping _mapping = new(engine);

    public RouteTable Add(RouteTable routes) => routes
        .Add("GET", "/containers/json", ListAsync)
        .Add("GET", "/containers/{id}/json", InspectAsync)
        .Add("GET", "/containers/{id}/top", TopAsync);

    private Task ListAsync(ApiCall call)
    {
        var query = new ContainerListQuery(engine, call.Filters(ContainerListQuery.Keys), call.Flag("all"), (int)(call.Number("limit") ?? 0));
        var withSize = call.Flag("size");
        IReadOnlyList<ContainerSummary> rows = [.. query.Run().Select(container => _mapping.ToSummary(container, withSize))];
        return call.AnswerAsync(rows, ApiJson.Wire.IReadOnlyListContainerSummary);
    }

    private Task InspectAsync(ApiCall call)
    {
        var container = engine.Containers.Get(call.Path("id"));
        return call.AnswerAsync(_mapping.ToInspect(container, call.Flag("size"), call.Version), ApiJson.Wire.ContainerInspectResponse);
    }

    private Task TopAsync(ApiCall call)
    {
        var table = engine.Processes.List(engine.Containers.Get(call.Path("id")), call.Query("ps_args"));
        return call.AnswerAsync(new ContainerTopResponse { Titles = table.Titles, Processes = table.Processes }, ApiJson.Wire.ContainerTopResponse);
    }
}
