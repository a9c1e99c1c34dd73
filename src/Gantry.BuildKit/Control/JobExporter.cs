using System.Text.Json;
using Gantry.Build;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Sessions;
using Gantry.Engine;
using Gantry.Engine.Build;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;

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
            Check(exporter, builds.Count);
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

    private static void Check(Exporter exporter, int platforms)
    {
        if (exporter.Type is not ("moby" or "image" or "local" or "tar" or "oci" or "docker"))
            throw GantryException.NotImplemented($"exporter \"{exporter.Type}\" could not be found");
        if (platforms > 1 && exporter.Type is "local" or "tar")
            throw GantryException.NotImplemented("files of several platforms in one output are not implemented in this version of Gantry: build them one by one");
        if (exporter.Attributes.GetValueOrDefault("tar", "true") == "false")
            throw GantryException.NotImplemented("an image as a folder (tar=false) is not implemented in this version of Gantry");
    }

    private async Task ExportAsync(BuildJob job, Exporter exporter, int number, List<OpenBuild> builds, Dictionary<string, string> response)
    {
        var build = builds[0];
        switch (exporter.Type)
        {
            case "moby" or "image":
                var names = Names(exporter);
                var image = builds.Count > 1 ? await build.StoreAsync(builds, names, job.Cancellation) : await build.StoreAsync(names, job.Cancellation);
                Describe(image, names, response);
                if (IsTrue(exporter.Attributes.GetValueOrDefault("push", "")))
                    await PushAsync(job, names, response);
                break;
            case "local":
                await job.Progress.Begin("exporting to client directory").RunAsync(async _ =>
                {
                    using var files = await build.OpenFilesAsync(job.Cancellation);
                    await new FolderSender(job.Session, number).SendAsync(files, job.Cancellation);
                });
                break;
            case "tar":
                await WriteAsync(job, number, build);
                break;
            default:
                var archived = Names(exporter);
                await using (var output = new SessionOutput(job.Session, number, job.Cancellation))
                {
                    var target = new BuildOutput(BuildOutputKind.ImageArchive, output) { Names = archived };
                    if (builds.Count == 1)
                        await build.WriteAsync(target, job.Cancellation);
                    Describe(builds.Count > 1 ? await build.WriteAsync(builds, target, job.Cancellation) : await build.ComposeAsync(job.Cancellation), archived, response);
                    await output.FinishAsync();
                }
                break;
        }
    }

    private static async Task WriteAsync(BuildJob job, int number, OpenBuild build)
    {
        await using var output = new SessionOutput(job.Session, number, job.Cancellation);
        await build.WriteAsync(new BuildOutput(BuildOutputKind.Files, output), job.Cancellation);
        await output.FinishAsync();
    }

    private async Task PushAsync(BuildJob job, IReadOnlyList<ImageReference> names, Dictionary<string, string> response)
    {
        if (names.Count == 0)
            throw GantryException.Invalid("tag is needed when pushing to registry");
        foreach (var name in names)
        {
            await job.Progress.Begin($"pushing {name}").RunAsync(async _ =>
            {
                var credentials = await job.Session.FindCredentialsAsync(name.Domain, job.Cancellation);
                var pushed = await registries.Pusher.PushAsync(name, null, LayerCompression.Gzip, credentials, static _ => { }, job.Cancellation);
                response["containerimage.digest"] = pushed.Target.Digest.ToString();
            });
        }
    }

    private static IReadOnlyList<ImageReference> Names(Exporter exporter) =>
        [.. exporter.Attributes.GetValueOrDefault("name", "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(name => ImageReference.Parse(name).WithDefaultTag())];

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

    private static bool IsTrue(string text) => text is "1" or "t" or "T" or "true" or "TRUE" or "True";
}
