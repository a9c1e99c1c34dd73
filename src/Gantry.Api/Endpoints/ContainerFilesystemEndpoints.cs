using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Engine.Filesystem;
using Gantry.Oci;
using Gantry.Oci.Images;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>The files of containers as a whole: export, changes, commit.</summary>
internal sealed class ContainerFilesystemEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("GET", "/containers/{id}/changes", ChangesAsync)
        .Add("GET", "/containers/{id}/export", ExportAsync)
        .Add("POST", "/commit", CommitAsync);

    private Task ChangesAsync(ApiCall call) =>
        call.AnswerAsync(engine.Differ.List(engine.Containers.Get(call.Path("id"))), ApiJson.Wire.IReadOnlyListFilesystemChange);

    private async Task ExportAsync(ApiCall call)
    {
        var container = engine.Containers.Get(call.Path("id"));
        call.Http.Response.ContentType = "application/octet-stream";
        await engine.Exporter.ExportAsync(container, call.Http.Response.Body, call.Aborted);
    }

    private async Task CommitAsync(ApiCall call)
    {
        var config = await call.ReadOptionalJsonAsync(ApiJson.Wire.ContainerConfig);
        var name = call.Query("container");
        var container = name.Length > 0 ? engine.Containers.Get(name) : throw GantryException.Invalid("invalid name or ID supplied: \"\"");
        var image = await engine.Committer.CommitAsync(
            container,
            new CommitRequest
            {
                Reference = ReferenceOf(call.Query("repo"), call.Query("tag")),
                Author = call.Query("author"),
                Comment = call.Query("comment"),
                Pause = call.Query("pause").Length == 0 || call.Flag("pause"),
                Changes = call.QueryAll("changes"),
                Config = config ?? new ContainerConfig(),
            },
            call.Aborted);
        await call.AnswerAsync(StatusCodes.Status201Created, new IdResponse { Id = image.Id.ToString() }, ApiJson.Wire.IdResponse);
    }

    private static ImageReference? ReferenceOf(string repository, string tag)
    {
        if (repository.Length == 0) return null;
        var reference = ImageReference.Parse(repository);
        if (reference.Digest is not null) throw GantryException.Invalid("cannot import digest reference");
        return tag.Length > 0 ? reference.WithTag(tag) : reference;
    }
}
