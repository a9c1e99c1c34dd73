using System.Buffers.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Engine.Build;
using Gantry.Oci;

namespace Gantry.Api.Build;

/// <summary>The header <c>X-Registry-Config</c>: credentials by registry, a JSON document in base64.</summary>
internal static class RegistryConfigHeader
{
    /// <summary>Reads it.</summary>
    /// <exception cref="GantryException">It is malformed (400).</exception>
    public static FindCredentials Read(ApiCall call)
    {
        string? text = call.Http.Request.Headers["X-Registry-Config"];
        if (string.IsNullOrEmpty(text))
            return _ => null;
        try
        {
            var bytes = Base64Url.DecodeFromChars(text.Replace('+', '-').Replace('/', '_'));
            return Of(JsonSerializer.Deserialize(bytes, ApiJson.Wire.IReadOnlyDictionaryStringAuthConfig));
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            throw GantryException.Invalid("invalid X-Registry-Config header: it is not a JSON document in base64", error);
        }
    }

    /// <summary>Finds credentials in a document.</summary>
    public static FindCredentials Of(IReadOnlyDictionary<string, AuthConfig>? document) => domain =>
    {
        foreach (var (address, credentials) in document ?? new Dictionary<string, AuthConfig>())
        {
            if (DomainOf(address) == domain)
                return RegistryAuthHeader.From(credentials);
        }
        return null;
    };

    /// <summary>Docker Hub has its address from the time before there were others.</summary>
    private static string DomainOf(string address)
    {
        var host = address.Replace("https://", "", StringComparison.Ordinal).Replace("http://", "", StringComparison.Ordinal).Split('/')[0];
        return host is "index.docker.io" or "registry-1.docker.io" ? "docker.io" : host;
    }
}
