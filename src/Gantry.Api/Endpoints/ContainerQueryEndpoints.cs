using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Engine.Containers;
using Gantry.Oci;

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
        return call.AnswerEachAsync(query.Run().Select(container => ToRow(container, withSize)).OfType<ContainerSummary>(), ApiJson.Wire.ContainerSummary);
    }

    // Null when the container was removed while its files were counted.
    private ContainerSummary? ToRow(Container container, bool withSize)
    {
        try
        {
            return _mapping.ToSummary(container, withSize);
        }
        catch (GantryException error) when (error.Kind is ErrorKind.NotFound)
        {
            return null;
        }
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
