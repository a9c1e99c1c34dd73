using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Engine.Containers;
using Gantry.Oci;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>Start, stop, restart, kill, pause, unpause, rename, remove, prune.</summary>
internal sealed class ContainerLifecycleEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("POST", "/containers/prune", PruneAsync)
        .Add("POST", "/containers/{id}/start", StartAsync)
        .Add("POST", "/containers/{id}/stop", StopAsync)
        .Add("POST", "/containers/{id}/restart", call =>
            ActAsync(call, container => engine.Stopper.RestartAsync(container, Signal(call), Timeout(call), call.Aborted)))
        .Add("POST", "/containers/{id}/kill", KillAsync)
        .Add("POST", "/containers/{id}/pause", call => ActAsync(call, container => engine.Pauser.PauseAsync(container, call.Aborted)))
        .Add("POST", "/containers/{id}/unpause", call => ActAsync(call, container => engine.Pauser.UnpauseAsync(container, call.Aborted)))
        .Add("POST", "/containers/{id}/rename", call => ActAsync(call, container => engine.Renamer.RenameAsync(container, call.Query("name"))))
        .Add("DELETE", "/containers/{id}", RemoveAsync);

    private async Task ActAsync(ApiCall call, Func<Container, Task> act)
    {
        await act(engine.Containers.Get(call.Path("id")));
        await call.AnswerAsync(StatusCodes.Status204NoContent);
    }

    private Task StartAsync(ApiCall call)
    {
        if (call.Query("checkpoint").Length > 0)
            throw GantryException.Invalid("checkpoint is only supported in experimental mode");
        return ActAsync(call, container => call.Query("checkpoint-dir").Length == 0
            ? engine.Starter.StartAsync(container, call.Aborted)
            : throw new GantryException(ErrorKind.Forbidden, "custom checkpointdir is not supported"));
    }

    private Task StopAsync(ApiCall call) => ActAsync(call, async container =>
    {
        try
        {
            await engine.Stopper.StopAsync(container, Signal(call), Timeout(call), call.Aborted);
        }
        catch (GantryException e) when (e.Kind is not ErrorKind.NotModified)
        {
            throw new GantryException(e.Kind, $"cannot stop container: {call.Path("id")}: {e.Message}", e);
        }
    });

    private async Task KillAsync(ApiCall call)
    {
        try
        {
            await engine.Stopper.KillAsync(engine.Containers.Get(call.Path("id")), Signal(call), call.Aborted);
        }
        catch (GantryException e)
        {
            throw new GantryException(e.Kind, $"cannot kill container: {call.Path("id")}: {e.Message}", e);
        }
        await call.AnswerAsync(StatusCodes.Status204NoContent);
    }

    private Task RemoveAsync(ApiCall call)
    {
        if (call.Flag("link")) throw GantryException.NotImplemented("removal of links is not implemented in this version of Gantry");
        return ActAsync(call, container => engine.Remover.RemoveAsync(container, call.Flag("force"), call.Flag("v"), call.Aborted));
    }

    private async Task PruneAsync(ApiCall call)
    {
        var filter = new PruneFilter(call.Filters(PruneFilter.Keys));
        var (ids, space) = await engine.Remover.PruneAsync(container => filter.Accepts(container.Created, container.Config.Labels), call.Aborted);
        var answer = new ContainersPruneResponse { ContainersDeleted = ids.Count > 0 ? ids : null, SpaceReclaimed = space };
        await call.AnswerAsync(answer, ApiJson.Wire.ContainersPruneResponse);
    }

    private static string? Signal(ApiCall call) => call.Query("signal") is { Length: > 0 } signal ? signal : null;

    private static int? Timeout(ApiCall call) => call.Number("t") is { } seconds ? (int)Math.Clamp(seconds, -1, int.MaxValue) : null;
}
