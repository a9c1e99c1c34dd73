using System.Text.Json;
using Gantry.Build;
using Gantry.Build.Exporters;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Sessions;
using Gantry.Engine;
using Gantry.Engine.Build;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Oci.Values;
using Gantry.Registry.Client.Auth;

namespace Gantry.BuildKit.Control;

/// <summary>Makes of a build's result what its client asked for.</summary>
/// <param name="registries">Pushes.</param>
/// <param name="cacheWriter">Writes caches.</param>
internal sealed class JobExporter(EngineRegistries registries, BuildService cacheWriter)
{
    /// <summary>Runs what has to be run, and exports.</summary>
    /// <returns>What the client is told of the outputs.</returns>
    /// <exception cref="GantryException">A step failed, or an output cannot be made.</exception>
    public async Task<Dictionary<string, string>> ExportAsync(BuildJob job, GatewayResult result)
    {
        // 1. What there is, before anything is run.
        var builds = Find(job, result);
        foreach (var exporter in job.Request.Exporters)
            Check(exporter);
        var caches = job.Caches.Exports(job.Request.CacheExports);
        // 2. All of it, at the same time.
        await Task.WhenAll(builds.Select(build => build.Build.SolveAsync(job.Cancellation)));
        // 3. The outputs, one after another.
        var response = new Dictionary<string, string>();
        for (var number = 0; number < job.Request.Exporters.Count && builds.Count > 0; number++)
            await ExportAsync(job, job.Request.Exporters[number], number, builds.ConvertAll(build => build.Build), response);
        // 4. What others may use of it.
        if (await cacheWriter.ExportCachesAsync(builds.ConvertAll(build => build.Build), caches, job.Progress, job.Cancellation) is { } cache)
            response["cache.manifest"] = JsonSerializer.Serialize(cache, OciImageJson.Plain.Descriptor);
        return response;
    }

    private static List<(string Platform, OpenBuild Build)> Find(BuildJob job, GatewayResult result)
    {
        var references = result.Refs is { } all ? all.Select(pair => (pair.Key, pair.Value)) : [("", result.Ref)];
        return [.. references.Where(pair => pair.Item2.Length > 0).OrderBy(pair => pair.Item1, StringComparer.Ordinal)
            .Select(pair => (pair.Item1, job.Find(pair.Item2) ?? throw GantryException.NotFound($"no such ref: {pair.Item2}")))];
    }

    private static void Check(Exporter exporter)
    {
        if (exporter.Type is not ("moby" or "image" or "local" or "tar" or "oci" or "docker"))
            throw GantryException.NotImplemented($"exporter \"{exporter.Type}\" could not be found");
        ImageExportOptions.Parse(exporter.Attributes);
        FilesExportOptions.Parse(exporter.Attributes);
        if (exporter.Attributes.GetValueOrDefault("tar", "true") == "false")
            throw GantryException.NotImplemented("an image as a folder (tar=false) is not implemented in this version of Gantry");
    }

    private async Task ExportAsync(BuildJob job, Exporter exporter, int number, List<OpenBuild> builds, Dictionary<string, string> response)
    {
        switch (exporter.Type)
        {
            case "moby" or "image":
                var form = ImageExportOptions.Parse(exporter.Attributes);
                var byDigest = form.PushesByDigest;
                var names = byDigest ? [] : Names(exporter);
                var pushes = GoBoolean.Parse(exporter.Attributes.GetValueOrDefault("push")) is true;
                var image = await builds[0].StoreAsync(
                    builds, names, Form(exporter, pushes && (builds.Count > 1 || builds.Exists(build => build.HasStatements))), job.Cancellation);
                Describe(image, names, response);
                // Docker's own exporter tells the image's ID here: docker compose compares it with what its containers were made from.
                if (exporter.Type == "moby")
                    response["containerimage.digest"] = image.Id.ToString();
                if (pushes && byDigest)
                    await PushAsync(job, GivenNames(exporter), (name, credentials) =>
                        registries.Pusher.PushByDigestAsync(name, image, form.PushCompression, credentials, static _ => { }, job.Cancellation), response);
                else if (pushes)
                    await PushAsync(job, names, (name, credentials) =>
                        registries.Pusher.PushAsync(name, null, form.PushCompression, credentials, static _ => { }, job.Cancellation), response);
                break;
            case "local":
                await job.Progress.Begin("exporting to client directory")
                    .RunAsync(_ => SendFilesAsync(job, number, builds, FilesExportOptions.Parse(exporter.Attributes)));
                break;
            case "tar":
                await using (var output = new SessionOutput(job.Session, number, job.Cancellation))
                {
                    await builds[0].WriteFilesAsync(builds, output, FilesExportOptions.Parse(exporter.Attributes), job.Cancellation);
                    await output.FinishAsync();
                }
                break;
            default:
                var archived = Names(exporter);
                await using (var output = new SessionOutput(job.Session, number, job.Cancellation))
                {
                    var target = new BuildOutput(BuildOutputKind.ImageArchive, output) { Names = archived };
                    Describe(await builds[0].WriteAsync(builds, target, Form(exporter, compresses: false), job.Cancellation), archived, response);
                    await output.FinishAsync();
                }
                break;
        }
    }

    private static async Task SendFilesAsync(BuildJob job, int number, List<OpenBuild> builds, FilesExportOptions options)
    {
        using var files = await builds[0].OpenOutputAsync(builds, options, job.Cancellation);
        await new FolderSender(job.Session, number).SendAsync(files, job.Cancellation);
    }

    /// <summary>An index names manifests by digests: its layers are compressed before it is made, not when it is pushed.</summary>
    private static ImageExportOptions Form(Exporter exporter, bool compresses)
    {
        var form = ImageExportOptions.Parse(exporter.Attributes);
        return compresses && form.Layers is null ? form with { Layers = LayerForm.Gzip } : form;
    }

    private static async Task PushAsync(
        BuildJob job, IReadOnlyList<ImageReference> names, Func<ImageReference, RegistryCredentials?, Task<PushedImage>> push,
        Dictionary<string, string> response)
    {
        if (names.Count == 0)
            throw GantryException.Invalid("tag is needed when pushing to registry");
        foreach (var name in names)
        {
            await job.Progress.Begin($"pushing {name}").RunAsync(async _ =>
            {
                var credentials = await job.Session.FindCredentialsAsync(name.Domain, job.Cancellation);
                response["containerimage.digest"] = (await push(name, credentials)).Target.Digest.ToString();
            });
        }
    }

    private static IReadOnlyList<ImageReference> Names(Exporter exporter) => [.. GivenNames(exporter).Select(name => name.WithDefaultTag())];

    private static IReadOnlyList<ImageReference> GivenNames(Exporter exporter) =>
        [.. exporter.Attributes.GetValueOrDefault("name", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(ImageReference.Parse)];

    private static void Describe(Image image, IReadOnlyList<ImageReference> names, Dictionary<string, string> response)
    {
        // Of an index only the digest is told: it has no configuration.
        if (image.Target.Digest == image.Manifest.Digest)
            response["containerimage.config.digest"] = image.Id.ToString();
        response["containerimage.digest"] = image.Target.Digest.ToString();
        response["containerimage.descriptor"] = Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(image.Target, OciImageJson.Plain.Descriptor));
        if (names.Count > 0)
            response["image.name"] = string.Join(',', names);
    }
}
