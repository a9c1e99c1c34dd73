using System.Text.Json;
using Gantry.Api.Model;

namespace Gantry.Client.Http;

/// <summary>The header field that carries a user's credentials for a registry: their JSON in base64url with padding (RFC 4648, section 5).</summary>
internal static class RegistryAuthHeader
{
    /// <summary>The field, or none without credentials.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Of(AuthConfig? credentials) => credentials is null
        ? []
        : [new("X-Registry-Auth", Encode(JsonSerializer.SerializeToUtf8Bytes(credentials, ApiJson.Wire.AuthConfig)))];

    private static string Encode(byte[] document) => Convert.ToBase64String(document).Replace('+', '-').Replace('/', '_');
}
