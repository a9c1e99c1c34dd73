using Gantry.Api.Model;
using Gantry.Client.Http;
using Gantry.Client.Streams;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    private const string TarArchive = "application/x-tar";

    /// <summary>Lists images.</summary>
    /// <param name="all">Whether intermediate ones are listed too.</param>
    /// <param name="filters">Which ones.</param>
    /// <param name="manifests">Whether to list what there is for each platform.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<IReadOnlyList<ImageSummary>> ListImagesAsync(bool all, Filters? filters, bool manifests = false, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", new Query("/images/json").Add("all", all).Add(filters).Add("manifests", manifests).ToString()),
            ApiJson.Wire.IReadOnlyListImageSummary, cancellation);

    /// <summary>Everything about an image, as the daemon wrote it.</summary>
    public Task<byte[]> InspectImageRawAsync(string name, string? platform, CancellationToken cancellation = default) =>
        CallRawAsync(new HttpRequest("GET", new Query($"{Image(name)}/json").Add("platform", platform).ToString()), cancellation);

    /// <summary>Begins to ask for everything about an image.</summary>
    public ValueTask<PendingCall<ImageInspectResponse>> BeginInspectImageAsync(string name, CancellationToken cancellation = default) =>
        BeginAsync(new HttpRequest("GET", $"{Image(name)}/json"), Reader(ApiJson.Wire.ImageInspectResponse), cancellation);

    /// <summary>The steps an image was made in, newest first.</summary>
    public Task<IReadOnlyList<ImageHistoryItem>> ImageHistoryAsync(string name, string? platform, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("GET", new Query($"{Image(name)}/history").Add("platform", platform).ToString()),
            ApiJson.Wire.IReadOnlyListImageHistoryItem, cancellation);

    /// <summary>Gives an image a further name.</summary>
    public Task TagImageAsync(string source, string repository, string tag, CancellationToken cancellation = default) =>
        PostAsync(new Query($"{Image(source)}/tag").Add("repo", repository).Add("tag", tag).ToString(), cancellation);

    /// <summary>Removes a name of an image, and the image with its last name.</summary>
    public Task<IReadOnlyList<ImageDeleteItem>> RemoveImageAsync(
        string name, bool force, bool keepParents, IReadOnlyList<string> platforms, CancellationToken cancellation = default)
    {
        var query = new Query(Image(name)).Add("force", force).Add("noprune", keepParents);
        foreach (var platform in platforms)
            query.Add("platforms", platform);
        return CallAsync(new HttpRequest("DELETE", query.ToString()), ApiJson.Wire.IReadOnlyListImageDeleteItem, cancellation);
    }

    /// <summary>Removes images without a name, or with <c>dangling=false</c> all that no container uses.</summary>
    public Task<ImagesPruneResponse> PruneImagesAsync(Filters? filters, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("POST", new Query("/images/prune").Add(filters).ToString()), ApiJson.Wire.ImagesPruneResponse, cancellation);

    /// <summary>Loads images from an archive.</summary>
    /// <returns>What the daemon reports while it loads; the archive is sent before the first message is read.</returns>
    public Task<MessageReader> LoadImagesAsync(Stream archive, bool quiet, IReadOnlyList<string> platforms, CancellationToken cancellation = default)
    {
        var query = new Query("/images/load").Add("quiet", quiet);
        foreach (var platform in platforms)
            query.Add("platform", platform);
        return MessagesAsync(new HttpRequest("POST", query.ToString()) { BodyStream = archive, ContentType = TarArchive }, cancellation);
    }

    /// <summary>Makes an image of a root file system in an archive.</summary>
    public Task<MessageReader> ImportImageAsync(ImportOptions options, Stream? archive, CancellationToken cancellation = default)
    {
        var query = new Query("/images/create").Add("fromSrc", options.Source).Add("repo", options.Repository).Add("tag", options.Tag)
            .Add("message", options.Message).Add("platform", options.Platform);
        foreach (var change in options.Changes)
            query.Add("changes", change);
        return MessagesAsync(new HttpRequest("POST", query.ToString()) { BodyStream = archive, ContentType = TarArchive }, cancellation);
    }

    /// <summary>Images as one archive.</summary>
    public async Task<HttpExchange> SaveImagesAsync(IReadOnlyList<string> names, IReadOnlyList<string> platforms, CancellationToken cancellation = default)
    {
        var query = new Query("/images/get");
        foreach (var name in names)
            query.Add("names", name);
        foreach (var platform in platforms)
            query.Add("platform", platform);
        return await SendAsync(new HttpRequest("GET", query.ToString()), cancellation).ConfigureAwait(false);
    }

    private static string Image(string name) => "/images/" + Query.EscapePath(name);

    private async Task<MessageReader> MessagesAsync(HttpRequest request, CancellationToken cancellation) =>
        new(await SendAsync(request, cancellation).ConfigureAwait(false));
}
