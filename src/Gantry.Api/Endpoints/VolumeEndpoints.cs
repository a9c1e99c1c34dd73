using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Volumes;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>Volumes: list, create, inspect, remove, prune.</summary>
internal sealed class VolumeEndpoints(VolumeStore volumes)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("GET", "/volumes", ListAsync)
        .Add("POST", "/volumes/create", CreateAsync)
        .Add("POST", "/volumes/prune", PruneAsync)
        .Add("GET", "/volumes/{name}", call => AnswerAsync(call, StatusCodes.Status200OK, volumes.Get(call.Path("name"))))
        .Add("PUT", "/volumes/{name}", static _ =>
            throw new GantryException(ErrorKind.Unavailable, "volume update only valid for cluster volumes, but swarm is unavailable"))
        .Add("DELETE", "/volumes/{name}", RemoveAsync);

    private Task ListAsync(ApiCall call)
    {
        var listed = volumes.List(ObjectFilters.Parse(call.Query("filters")));
        return call.AnswerAsync(new VolumeListResponse { Volumes = [.. listed.Select(VolumeMapping.ToResource)] }, ApiJson.Wire.VolumeListResponse);
    }

    private async Task CreateAsync(ApiCall call)
    {
        var request = await call.ReadJsonOrNothingAsync(ApiJson.Wire.VolumeCreateRequest);
        if (request.ClusterVolumeSpec is not null)
            throw new GantryException(ErrorKind.Unavailable, UnavailableEndpoints.NoSwarm);
        await AnswerAsync(call, StatusCodes.Status201Created, volumes.GetOrCreate(request.Name, request.Driver, request.DriverOpts, request.Labels));
    }

    private Task RemoveAsync(ApiCall call)
    {
        volumes.Remove(call.Path("name"), call.Flag("force"));
        return call.AnswerAsync(StatusCodes.Status204NoContent);
    }

    private Task PruneAsync(ApiCall call)
    {
        // Up to 1.41 a prune took named volumes too.
        var filters = ObjectFilters.Parse(call.Query("filters"));
        if (!call.Version.IsAtLeast(42) && !filters.Has("all")) filters = filters.With("all", "true");
        var result = volumes.Prune(filters);
        return call.AnswerAsync(new VolumesPruneResponse { VolumesDeleted = result.Deleted, SpaceReclaimed = result.SpaceReclaimed },
            ApiJson.Wire.VolumesPruneResponse);
    }

    private static Task AnswerAsync(ApiCall call, int status, Volume volume) =>
        call.AnswerAsync(status, VolumeMapping.ToResource(volume), ApiJson.Wire.VolumeResource);
}
