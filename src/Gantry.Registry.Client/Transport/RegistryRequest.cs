using System.Net.Http.Headers;
using Gantry.Registry.Client.Errors;

namespace Gantry.Registry.Client.Transport;

/// <summary>A request as often as it has to be made: <see cref="HttpRequestMessage"/> serves only once.</summary>
/// <param name="Method">What to do.</param>
/// <param name="Path">A path below the endpoint's base, or an absolute address that the registry named.</param>
internal sealed record RegistryRequest(HttpMethod Method, string Path)
{
    internal IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>Makes the body anew for each attempt; null for none.</summary>
    internal Func<HttpContent>? Content { get; init; }

    /// <summary>What it is for: the same status means different things to a pull and to a push.</summary>
    internal RegistryAction Action { get; init; }

    /// <summary>What the token has to allow.</summary>
    internal IReadOnlyList<string> Scopes { get; init; } = [];

    internal RegistryRequest With(string header, string value) => this with { Headers = [.. Headers, new(header, value)] };

    internal HttpRequestMessage ToMessage(Uri address, AuthenticationHeaderValue? authorization, bool withContent)
    {
        var message = new HttpRequestMessage(Method, address) { Version = System.Net.HttpVersion.Version11 };
        foreach (var (name, value) in Headers)
            message.Headers.TryAddWithoutValidation(name, value);
        message.Headers.Authorization = authorization;
        message.Content = withContent ? Content?.Invoke() : null;
        return message;
    }
}
