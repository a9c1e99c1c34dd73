using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>Networks: list, create, inspect, remove, prune.</summary>
internal sealed class NetworkEndpoints(Engine.Engine engine)
{
    private readonly NetworkMapping _mapping = new(engine);

    public RouteTable Add(RouteTable routes) => routes
        .Add("GET", "/networks", ListAsync)
        .Add("POST", "/networks/create", CreateAsync)
        .Add("POST", "/networks/prune", PruneAsync)
        .Add("GET", "/networks/{id}", InspectAsync)
        .Add("DELETE", "/networks/{id}", RemoveAsync);

    private Task ListAsync(ApiCall call)
    {
        var listed = engine.Networks.List(ObjectFilters.Parse(call.Query("filters")), network => _mapping.UsersOf(network).Count > 0);
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
        var request = await call.ReadJsonAsync(ApiJson.Wire.NetworkCreateRequest);
        var network = await engine.Networks.CreateAsync(NetworkMapping.ToNetwork(request), call.Aborted);
        await call.AnswerAsync(StatusCodes.Status201Created, new NetworkCreateResponse { Id = network.Id }, ApiJson.Wire.NetworkCreateResponse);
    }

    private async Task RemoveAsync(ApiCall call)
    {
        await engine.Networks.RemoveAsync(call.Path("id"), _mapping.UsersOf, call.Aborted);
        await call.AnswerAsync(StatusCodes.Status204NoContent);
    }

    private async Task PruneAsync(ApiCall call)
    {
        var filter = new PruneFilter(call.Filters(PruneFilter.Keys));
        var unused = engine.Networks.List(ObjectFilters.None, network => _mapping.UsersOf(network).Count > 0)
            .Where(network => !network.IsPredefined && _mapping.UsersOf(network).Count == 0 && filter.Accepts(network.CreatedAt, network.Labels));
        var removed = new List<string>();
        foreach (var network in unused)
        {
            await engine.Networks.RemoveAsync(network.Id, _mapping.UsersOf, call.Aborted);
            removed.Add(network.Name);
        }
        await call.AnswerAsync(new NetworksPruneResponse { NetworksDeleted = removed.Count > 0 ? removed : null }, ApiJson.Wire.NetworksPruneResponse);
    }
}
