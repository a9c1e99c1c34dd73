using System.Text.Json;
using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Filters;
using Gantry.Oci.Images;

namespace Gantry.Api.Endpoints;

/// <summary>What has to do with registries: pull, push, login, search.</summary>
internal sealed class ImageRegistryEndpoints(Engine.Engine engine)
{
    private const int SearchLimit = 25;
    private readonly ImageArchiveEndpoints _archives = new(engine);

    public RouteTable Add(RouteTable routes) => routes
        .Add("POST", "/images/create", call => call.Query("fromImage").Length > 0 ? AnswerAsync(call, PullAsync) : _archives.ImportAsync(call))
        .Add("POST", "/images/{name...}/push", call => AnswerAsync(call, PushAsync))
        .Add("GET", "/images/search", call => AnswerAsync(call, SearchAsync))
        .Add("GET", "/distribution/{name...}/json", call => AnswerAsync(call, InspectAsync))
        .Add("POST", "/auth", call => AnswerAsync(call, LoginAsync));

    /// <summary>A registry that does not answer is, for docker's clients, an error of the engine's (500): 503 is that of a node outside a swarm.</summary>
    private static async Task AnswerAsync(ApiCall call, Func<ApiCall, Task> answer)
    {
        try
        {
            await answer(call);
        }
        catch (GantryException e) when (e.Kind == ErrorKind.Unavailable)
        {
            throw new GantryException(ErrorKind.System, e.Message, e);
        }
    }

    private Task PullAsync(ApiCall call)
    {
        var (image, tag) = (call.Query("fromImage"), call.Query("tag"));
        // The tag may be a digest, and then its separator is another.
        var reference = ImageReference.Parse(tag.Length == 0 ? image : tag.Contains(':') ? $"{image}@{tag}" : $"{image}:{tag}");
        var credentials = RegistryAuthHeader.Read(call);
        var platform = PlatformOf(call);
        return ProgressStream.RunAsync(call, report => reference.IsNameOnly
            ? engine.Registries.Puller.PullAllTagsAsync(reference, platform, credentials, progress =>
                report(ProgressMapping.OfTransfer(progress)), call.Aborted)
            : engine.Registries.Puller.PullAsync(reference, platform, credentials, progress => report(ProgressMapping.OfTransfer(progress)), call.Aborted));
    }

    private Task PushAsync(ApiCall call)
    {
        var (name, tag) = (ImageReference.Parse(call.Path("name")), call.Query("tag"));
        // A parameter of ours: docker's clients do not know it and get what everybody reads.
        var compression = call.Query("compression") switch
        {
            "" or "gzip" => LayerCompression.Gzip,
            "zstd" => LayerCompression.Zstd,
            var other => throw GantryException.Invalid($"invalid compression \"{other}\": must be gzip or zstd"),
        };
        var credentials = RegistryAuthHeader.Read(call);
        var platform = PlatformOf(call);
        return ProgressStream.RunAsync(call, async report =>
        {
            var pushed = tag.Length == 0 && name.Tag is null
                ? await engine.Registries.Pusher.PushAllTagsAsync(name, platform, compression, credentials, progress =>
                    report(ProgressMapping.OfTransfer(progress)), call.Aborted)
                : [await engine.Registries.Pusher.PushAsync(
                    tag.Length > 0 ? name.WithoutTag().WithTag(tag) : name, platform, compression, credentials, progress =>
                        report(ProgressMapping.OfTransfer(progress)), call.Aborted)];
            foreach (var image in pushed)
                report(ProgressMapping.OfPushed(image));
        });
    }

    private async Task SearchAsync(ApiCall call)
    {
        var filters = call.Filters("is-automated", "is-official", "stars");
        var term = call.Query("term");
        if (term.Length == 0)
            throw GantryException.Invalid("no search term: give it as the parameter \"term\"");
        var reference = ImageReference.Parse(term);
        var found = await engine.Registries.Client.SearchAsync(
            reference.Domain, reference.Domain == ImageReference.DefaultDomain ? term : reference.Path, (int)(call.Number("limit") ?? SearchLimit),
            RegistryAuthHeader.Read(call), call.Aborted);
        var stars = filters["stars"].Select(Stars).DefaultIfEmpty().Max();
        var matching = found.Where(item =>
            item.StarCount >= stars && Agrees(filters, "is-official", item.IsOfficial) && Agrees(filters, "is-automated", false));
        await call.AnswerAsync([.. matching.Select(ImageMapping.ToSearchItem)], ApiJson.Wire.IReadOnlyListImageSearchItem);
    }

    private static int Stars(string text) => int.TryParse(text, out var number) ? number : throw GantryException.Invalid($"invalid filter 'stars={text}'");

    private static bool Agrees(ObjectFilters filters, string key, bool value) => filters[key].All(wanted => wanted switch
    {
        "true" or "1" => value,
        "false" or "0" => !value,
        _ => throw GantryException.Invalid($"invalid filter '{key}={wanted}'"),
    });

    private async Task InspectAsync(ApiCall call)
    {
        var reference = ImageReference.Parse(call.Path("name")).WithDefaultTag();
        var repository = await engine.Registries.Client.RepositoryAsync(reference, RegistryAuthHeader.Read(call), call.Aborted);
        var manifest = await repository.FetchManifestAsync(reference.Digest?.ToString() ?? reference.Tag!, call.Aborted);
        IReadOnlyList<Platform> platforms;
        if (manifest.IsIndex)
        {
            platforms = [.. ImageDocument.ReadIndex(manifest.Bytes).Value.Manifests.Select(entry => entry.Platform).OfType<Platform>()];
        }
        else
        {
            platforms = await RegistryManifests.PlatformAsync(repository, manifest, call.Aborted) is { } platform ? [platform] : [];
        }
        await call.AnswerAsync(new DistributionInspect { Descriptor = manifest.Descriptor, Platforms = platforms }, ApiJson.Wire.DistributionInspect);
    }

    private async Task LoginAsync(ApiCall call)
    {
        var document = await call.ReadJsonAsync(ApiJson.Wire.AuthConfig);
        var registry = RegistryOf(document.ServerAddress ?? "");
        var token = await engine.Registries.Client.CheckLoginAsync(registry, RegistryAuthHeader.From(document), call.Aborted);
        await call.AnswerAsync(new AuthResponse { Status = "Login Succeeded", IdentityToken = token }, ApiJson.Wire.AuthResponse);
    }

    /// <summary>The registry that a client means by an address, which may be a whole URL: docker's own is <c>https://index.docker.io/v1/</c>.</summary>
    private static string RegistryOf(string address)
    {
        var scheme = address.IndexOf("://", StringComparison.Ordinal);
        var host = (scheme < 0 ? address : address[(scheme + 3)..]).Split('/')[0];
        return host is "" or "index.docker.io" or "registry-1.docker.io" ? ImageReference.DefaultDomain : host;
    }

    private static Platform? PlatformOf(ApiCall call)
    {
        var text = call.Query("platform");
        if (text.Length == 0)
            return null;
        if (text[0] != '{')
            return Platform.Parse(text);
        try
        {
            return JsonSerializer.Deserialize(text, ApiJson.Wire.Platform);
        }
        catch (JsonException error)
        {
            throw GantryException.Invalid($"invalid platform {text}", error);
        }
    }
}
