using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;
using Gantry.Client.Streams;
using Gantry.Oci.Images;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    private const string Manifest = "/gantry/registry/manifest";

    /// <summary>Fetches an image from its registry; disposing of the messages before their end ends that.</summary>
    /// <param name="image">Its name; without tag and digest all tags of the repository.</param>
    /// <param name="platform"><c>os/architecture[/variant]</c>, or empty for the daemon's.</param>
    /// <param name="credentials">The user's for that registry, or null.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<MessageReader> PullImageAsync(
        ImageReference image, string? platform, AuthConfig? credentials, CancellationToken cancellation = default) =>
        MessagesAsync(
            new HttpRequest("POST", new Query("/images/create").Add("fromImage", image.FamiliarName)
                .Add("tag", image.Digest?.ToString() ?? image.Tag).Add("platform", platform).ToString())
            {
                Headers = RegistryAuthHeader.Of(credentials),
            },
            cancellation);

    /// <summary>Sends an image to its registry.</summary>
    /// <param name="image">Its name; without tag all tags of the repository.</param>
    /// <param name="platform">The one platform to send as a JSON document, or empty.</param>
    /// <param name="compression">How plain layers are compressed, <c>gzip</c> or <c>zstd</c> (a daemon of Gantry); null: as the daemon does.</param>
    /// <param name="credentials">The user's for that registry, or null: the header is sent all the same, as daemons ask for it.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<MessageReader> PushImageAsync(
        ImageReference image, string? platform, string? compression, AuthConfig? credentials, CancellationToken cancellation = default) =>
        MessagesAsync(
            new HttpRequest(
                "POST", new Query($"{Image(image.FamiliarName)}/push").Add("tag", image.Tag).Add("platform", platform).Add("compression", compression)
                    .ToString())
            {
                Headers = RegistryAuthHeader.Of(credentials ?? new AuthConfig()),
            },
            cancellation);

    /// <summary>Asks a registry, through the daemon, whether it takes credentials.</summary>
    public Task<AuthResponse> LoginAsync(AuthConfig credentials, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", "/auth") { Body = JsonSerializer.SerializeToUtf8Bytes(credentials, ApiJson.Wire.AuthConfig) },
            ApiJson.Wire.AuthResponse, cancellation);

    /// <summary>Looks for images in a registry.</summary>
    /// <param name="term">What their names or descriptions hold, after a registry's address if need be.</param>
    /// <param name="limit">How many at most, or null for the daemon's limit.</param>
    /// <param name="filters">Which ones.</param>
    /// <param name="credentials">The user's for that registry, or null.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<IReadOnlyList<ImageSearchItem>> SearchImagesAsync(
        string term, long? limit, Filters? filters, AuthConfig? credentials, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("GET", new Query("/images/search").Add("term", term).Add("limit", limit).Add(filters).ToString())
            {
                Headers = RegistryAuthHeader.Of(credentials),
            },
            ApiJson.Wire.IReadOnlyListImageSearchItem, cancellation);

    /// <summary>What a registry has under a name.</summary>
    /// <param name="reference">The name.</param>
    /// <param name="credentials">The user's for that registry, or null.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<DistributionInspect> InspectDistributionAsync(ImageReference reference, AuthConfig? credentials, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("GET", $"/distribution/{Query.Escape(reference.ToString())}/json") { Headers = RegistryAuthHeader.Of(credentials) },
            ApiJson.Wire.DistributionInspect, cancellation);

    /// <summary>The manifest or index that a registry has under a name. Only Gantry's daemon answers this and the two calls below.</summary>
    /// <param name="reference">The name.</param>
    /// <param name="insecure">Whether any certificate of the registry, or none at all, will do.</param>
    /// <param name="credentials">The user's for that registry, or null.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<ManifestDocument> FetchManifestAsync(
        ImageReference reference, bool insecure, AuthConfig? credentials, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("GET", new Query(Manifest).Add("reference", reference.ToString()).Add("insecure", insecure).ToString())
            {
                Headers = RegistryAuthHeader.Of(credentials),
            },
            ApiJson.Wire.ManifestDocument, cancellation);

    /// <summary>Puts a manifest or index into a registry, under its tag or, without one, its digest.</summary>
    public Task<Descriptor> PutManifestAsync(
        ImageReference reference, ManifestDocument document, bool insecure, AuthConfig? credentials, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("PUT", new Query(Manifest).Add("reference", reference.ToString()).Add("insecure", insecure).ToString())
            {
                Headers = RegistryAuthHeader.Of(credentials),
                Body = JsonSerializer.SerializeToUtf8Bytes(document, ApiJson.Wire.ManifestDocument),
            },
            ApiJson.Wire.Descriptor, cancellation);

    /// <summary>Copies an image from one repository of a registry into another, under its digest.</summary>
    public Task<Descriptor> CopyManifestAsync(
        ImageReference from, ImageReference to, bool insecure, AuthConfig? credentials, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest(
                "POST", new Query(Manifest + "/copy").Add("from", from.ToString()).Add("to", to.ToString()).Add("insecure", insecure).ToString())
            {
                Headers = RegistryAuthHeader.Of(credentials),
            },
            ApiJson.Wire.Descriptor, cancellation);
}
