using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Engine.Create;
using Gantry.Oci;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>Create and update: the operations whose body is a configuration.</summary>
internal sealed class ContainerCreateEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("POST", "/containers/create", CreateAsync)
        .Add("POST", "/containers/{id}/update", UpdateAsync);

    private async Task CreateAsync(ApiCall call)
    {
        var request = await call.ReadJsonAsync(ApiJson.Wire.ContainerCreateRequest);
        if (request == new ContainerCreateRequest()) throw GantryException.Invalid("config cannot be empty in order to create a container");
        var name = call.Query("name");
        var creation = new ContainerCreation
        {
            Name = name.Length > 0 ? name : null,
            Config = request.ToConfig(),
            HostConfig = request.HostConfig ?? new HostConfig(),
            Networking = request.NetworkingConfig,
            MacAddress = request.MacAddress ?? "",
            Platform = call.Query("platform") is { Length: > 0 } platform ? platform : null,
        };
        var created = await engine.Creator.CreateAsync(creation, call.Aborted);
        var warnings = created.Warnings;
        if (creation.MacAddress.Length > 0 && call.Version.IsAtLeast(44))
            warnings = [.. warnings, "The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead."];
        var answer = new ContainerCreateResponse { Id = created.Id, Warnings = warnings };
        await call.AnswerAsync(StatusCodes.Status201Created, answer, ApiJson.Wire.ContainerCreateResponse);
    }

    private async Task UpdateAsync(ApiCall call)
    {
        var update = await call.ReadJsonOrNothingAsync(ApiJson.Wire.ContainerUpdateRequest);
        await engine.Updater.UpdateAsync(engine.Containers.Get(call.Path("id")), update, call.Aborted);
        await call.AnswerAsync(new ContainerUpdateResponse(), ApiJson.Wire.ContainerUpdateResponse);
    }
}
