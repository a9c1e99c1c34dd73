using Gantry.Api.Mapping;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Engine.Filesystem;
using Gantry.Oci;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>`/containers/{id}/archive`: single files and directories from and to containers.</summary>
internal sealed class ContainerArchiveEndpoints(Engine.Engine engine)
{
    private const string StatHeader = "X-Docker-Container-Path-Stat";

    public RouteTable Add(RouteTable routes) => routes
        .Add("HEAD", "/containers/{id}/archive", StatAsync)
        .Add("GET", "/containers/{id}/archive", ReadAsync)
        .Add("PUT", "/containers/{id}/archive", WriteAsync);

    private async Task StatAsync(ApiCall call)
    {
        var (asked, path) = Parameters(call);
        var stat = await engine.Archiver.StatAsync(engine.Containers.Get(asked), asked, path, call.Aborted);
        call.Http.Response.Headers[StatHeader] = PathStatMapping.ToHeader(stat);
        await call.AnswerAsync(StatusCodes.Status200OK);
    }

    private Task ReadAsync(ApiCall call)
    {
        var (asked, path) = Parameters(call);
        return engine.Archiver.ReadAsync(engine.Containers.Get(asked), asked, path, Open, call.Aborted);

        Stream Open(ContainerPath stat)
        {
            call.Http.Response.Headers[StatHeader] = PathStatMapping.ToHeader(stat);
            call.Http.Response.ContentType = "application/x-tar";
            return call.Http.Response.Body;
        }
    }

    private async Task WriteAsync(ApiCall call)
    {
        var (asked, path) = Parameters(call);
        var container = engine.Containers.Get(asked);
        await using var archive = call.OpenArchive();
        await engine.Archiver.WriteAsync(container, asked, path, archive, call.Flag("noOverwriteDirNonDir"), call.Flag("copyUIDGID"), call.Aborted);
        await call.AnswerAsync(StatusCodes.Status200OK);
    }

    private static (string Asked, string Path) Parameters(ApiCall call) =>
        (call.Path("id"), call.Query("path") is { Length: > 0 } path ? path : throw GantryException.Invalid("bad parameter: pathcannot be empty"));
}
