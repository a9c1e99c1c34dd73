using Gantry.Api.Mapping;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Api.Endpoints;

/// <summary>Images from archives and to archives: load, import, save.</summary>
internal sealed class ImageArchiveEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("POST", "/images/load", LoadAsync)
        .Add("GET", "/images/get", call => SaveAsync(call, call.QueryAll("names")))
        .Add("GET", "/images/{name...}/get", call => SaveAsync(call, [call.Path("name")]));

    private async Task LoadAsync(ApiCall call)
    {
        var withLayers = !call.Flag("quiet");
        var platforms = PlatformQuery.All(call, "platform");
        await using var archive = call.OpenArchive();
        await ProgressStream.RunAsync(call, report => engine.Loader.LoadAsync(
            archive,
            progress =>
            {
                if (withLayers || progress.Line is not null) report(ProgressMapping.OfLoad(progress));
            },
            platforms,
            call.Aborted));
    }

    /// <summary>Makes an image of a root file system: <c>POST /images/create?fromSrc=-</c>.</summary>
    internal async Task ImportAsync(ApiCall call)
    {
        if (call.Query("fromSrc") != "-") throw GantryException.NotImplemented("import from a URL is not implemented in this version of Gantry: send the archive");
        var (repository, tag) = (call.Query("repo"), call.Query("tag"));
        var reference = repository.Length == 0 ? null : ImageReference.Parse(tag.Length > 0 ? $"{repository}:{tag}" : repository);
        await using var archive = call.OpenArchive();
        await ProgressStream.RunAsync(call, report => engine.Importer.ImportAsync(
            archive,
            reference,
            call.QueryAll("changes"),
            call.Query("message"),
            PlatformQuery.One(call, "platform"),
            progress => report(ProgressMapping.OfImport(progress)),
            call.Aborted));
    }

    private async Task SaveAsync(ApiCall call, IReadOnlyList<string> names)
    {
        call.Http.Response.ContentType = "application/x-tar";
        await engine.Saver.SaveAsync(names, call.Http.Response.Body, PlatformQuery.All(call, "platform"), call.Aborted);
    }
}
