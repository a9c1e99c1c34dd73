using System.Text.Json.Serialization;

namespace Gantry.Registry.Client.Auth;

/// <summary>A token service's answer.</summary>
internal sealed record TokenDocument
{
    [JsonPropertyName("token")]
    public string? Token { get; set; }

    /// <summary>The same under OAuth 2's name.</summary>
    [JsonPropertyName("access_token")]
    public string? AccessToken { get; set; }

    [JsonPropertyName("refresh_token")]
    public string? RefreshToken { get; set; }

    /// <summary>Seconds; 60 when it is absent (distribution's token specification).</summary>
    [JsonPropertyName("expires_in")]
    public double? ExpiresIn { get; set; }
}

/// <summary>A token for a registry.</summary>
/// <param name="Value">What stands behind <c>Bearer</c>.</param>
/// <param name="ExpiresAt">When it is to be replaced.</param>
/// <param name="RefreshToken">A lasting token to get further ones with, if one was asked for.</param>
internal sealed record BearerToken(string Value, DateTimeOffset ExpiresAt, string? RefreshToken);
