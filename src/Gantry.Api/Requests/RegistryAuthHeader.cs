using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Oci;
using Gantry.Registry.Client.Auth;

namespace Gantry.Api.Requests;

/// <summary>The header <c>X-Registry-Auth</c>: the credentials a request is made with, a JSON document in base64url (RFC 4648, section 5).</summary>
internal static class RegistryAuthHeader
{
    /// <summary>Reads it; null when the request has none.</summary>
    /// <exception cref="GantryException">It is malformed (400).</exception>
    public static RegistryCredentials? Read(ApiCall call)
    {
        string? text = call.Http.Request.Headers["X-Registry-Auth"];
        if (string.IsNullOrEmpty(text))
            return null;
        try
        {
            // Some clients use the other alphabet, or leave out the padding.
            var bytes = Base64Url.DecodeFromChars(text.Replace('+', '-').Replace('/', '_'));
            return JsonSerializer.Deserialize(bytes, ApiJson.Wire.AuthConfig) is { } document ? From(document) : null;
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            throw GantryException.Invalid("invalid X-Registry-Auth header: it is not a JSON document in base64url", error);
        }
    }

    /// <summary>The same from the document itself, as a login sends it.</summary>
    public static RegistryCredentials From(AuthConfig document)
    {
        var (name, password) = (document.Username, document.Password);
        if (name is null && document.Auth is { } both)
            (name, password) = Split(both);
        return new RegistryCredentials { Username = name, Password = password, IdentityToken = document.IdentityToken, RegistryToken = document.RegistryToken };
    }

    private static (string? Name, string? Password) Split(string both)
    {
        var text = Encoding.UTF8.GetString(Convert.FromBase64String(both)).TrimEnd('\0');
        var colon = text.IndexOf(':');
        return colon < 0 ? (null, null) : (text[..colon], text[(colon + 1)..]);
    }
}
