using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;
using Gantry.Client.Streams;
using Gantry.Oci.Images;

namespace Gantry.Client;

public sealed partial class EngineClient
{
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
    /// <param name="credentials">The user's for that registry, or null: the header is sent all the same, as daemons ask for it.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<MessageReader> PushImageAsync(
        ImageReference image, string? platform, AuthConfig? credentials, CancellationToken cancellation = default) =>
        MessagesAsync(
            new HttpRequest("POST", new Query($"{Image(image.FamiliarName)}/push").Add("tag", image.Tag).Add("platform", platform).ToString())
            {
                Headers = RegistryAuthHeader.Of(credentials ?? new AuthConfig()),
            },
            cancellation);

    /// <summary>Asks a registry, through the daemon, whether it takes credentials.</summary>
    public Task<AuthResponse> LoginAsync(AuthConfig credentials, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", "/auth") { Body = JsonSerializer.SerializeToUtf8Bytes(credentials, ApiJson.Wire.AuthConfig) },
            ApiJson.Wire.AuthResponse, cancellation);
}
