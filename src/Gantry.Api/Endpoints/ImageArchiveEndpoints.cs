using Gantry.Api.Mapping;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Images;
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

    /// <summary>Makes an image of a root file system, sent along (<c>fromSrc=-</c>) or lying at an address: <c>POST /images/create</c>.</summary>
    internal async Task ImportAsync(ApiCall call)
    {
        var source = call.Query("fromSrc");
        if (source.Length == 0)
            throw GantryException.Invalid("give the parameter \"fromImage\" or \"fromSrc\"");
        var (repository, tag) = (call.Query("repo"), call.Query("tag"));
        var reference = repository.Length == 0 ? null : ImageReference.Parse(tag.Length > 0 ? $"{repository}:{tag}" : repository);
        var platform = PlatformQuery.One(call, "platform");
        var run = ConfigChanges.Apply(new ImageRunConfig(), call.QueryAll("changes"));
        await using var sent = source == "-" ? call.OpenArchive() : null;
        await ProgressStream.RunAsync(call, async report =>
        {
            if (sent is null)
                report(ProgressMapping.OfImport(new ImageProgress($"Downloading from {source}")));
            await using var archive = sent ?? await engine.Registries.Client.OpenUrlAsync(source, call.Aborted);
            var message = call.Query("message") is { Length: > 0 } given ? given : $"Imported from {source}";
            await engine.Importer.ImportAsync(
                archive, reference, run, message, platform, progress => report(ProgressMapping.OfImport(progress)), call.Aborted);
        });
    }

    private async Task SaveAsync(ApiCall call, IReadOnlyList<string> names)
    {
        call.Http.Response.ContentType = "application/x-tar";
        await engine.Saver.SaveAsync(names, call.Http.Response.Body, PlatformQuery.All(call, "platform"), call.Aborted);
    }
}
