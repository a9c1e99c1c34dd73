using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>Networks: list, create, inspect, connect, disconnect, remove, prune.</summary>
internal sealed class NetworkEndpoints(Engine.Engine engine)
{
    private readonly NetworkMapping _mapping = new(engine);

    public RouteTable Add(RouteTable routes) => routes
        .Add("GET", "/networks", ListAsync)
        .Add("POST", "/networks/create", CreateAsync)
        .Add("POST", "/networks/prune", PruneAsync)
        .Add("GET", "/networks/{id}", InspectAsync)
        .Add("POST", "/networks/{id}/connect", ConnectAsync)
        .Add("POST", "/networks/{id}/disconnect", DisconnectAsync)
        .Add("DELETE", "/networks/{id}", RemoveAsync);

    private Task ListAsync(ApiCall call)
    {
        var listed = engine.Networks.List(ObjectFilters.Parse(call.Query("filters")), _mapping.IsUsed);
        IReadOnlyList<NetworkResource> rows = [.. listed.Select(network => _mapping.ToRow(network, call.Version))];
        return call.AnswerAsync(rows, ApiJson.Wire.IReadOnlyListNetworkResource);
    }

    private Task InspectAsync(ApiCall call)
    {
        var network = engine.Networks.Get(call.Path("id"));
        if (call.Query("scope") is { Length: > 0 } scope && scope != network.Scope) throw GantryException.NotFound($"network {call.Path("id")} not found");
        return call.AnswerAsync(_mapping.ToResource(network), ApiJson.Wire.NetworkResource);
    }

    private async Task CreateAsync(ApiCall call)
    {
        var request = await call.ReadJsonOrNothingAsync(ApiJson.Wire.NetworkCreateRequest);
        var network = await engine.Networks.CreateAsync(NetworkMapping.ToNetwork(request), call.Aborted);
        await call.AnswerAsync(StatusCodes.Status201Created, new NetworkCreateResponse { Id = network.Id }, ApiJson.Wire.NetworkCreateResponse);
    }

    private async Task ConnectAsync(ApiCall call)
    {
        var request = await call.ReadJsonOrNothingAsync(ApiJson.Wire.NetworkConnectRequest);
        RefuseNoContainer(request.Container);
        var container = engine.Containers.Get(request.Container);
        await engine.Connector.ConnectAsync(engine.Networks.Get(call.Path("id")), container, request.EndpointConfig, call.Aborted);
        await call.AnswerAsync(StatusCodes.Status200OK);
    }

    private async Task DisconnectAsync(ApiCall call)
    {
        var request = await call.ReadJsonOrNothingAsync(ApiJson.Wire.NetworkDisconnectRequest);
        RefuseNoContainer(request.Container);
        if (request.Force && !engine.Containers.TryGet(request.Container, out _)) throw GantryException.NotFound($"endpoint {request.Container} not found");
        var container = engine.Containers.Get(request.Container);
        var network = engine.Networks.Get(call.Path("id"));
        await engine.Connector.DisconnectAsync(network, container, call.Aborted);
        await call.AnswerAsync(StatusCodes.Status200OK);
    }

    private static void RefuseNoContainer(string container)
    {
        if (container.Length == 0) throw GantryException.Invalid("invalid name or ID supplied: \"\"");
    }

    private async Task RemoveAsync(ApiCall call)
    {
        await engine.Networks.RemoveAsync(call.Path("id"), _mapping.UsersOf, call.Aborted);
        await call.AnswerAsync(StatusCodes.Status204NoContent);
    }

    private async Task PruneAsync(ApiCall call)
    {
        var filter = new PruneFilter(call.Filters(PruneFilter.Keys));
        var unused = engine.Networks.List(ObjectFilters.None, _mapping.IsUsed)
            .Where(network => !network.IsPredefined && !network.IsConfigOnly && !_mapping.IsUsed(network) && filter.Accepts(network.CreatedAt, network.Labels));
        var removed = new List<string>();
        foreach (var network in unused)
        {
            await engine.Networks.RemoveAsync(network.Id, _mapping.UsersOf, call.Aborted);
            removed.Add(network.Name);
        }
        await call.AnswerAsync(new NetworksPruneResponse { NetworksDeleted = removed.Count > 0 ? removed : null }, ApiJson.Wire.NetworksPruneResponse);
    }
}
