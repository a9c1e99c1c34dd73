using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Body of each answer that is an error.</summary>
public sealed record ErrorResponse
{
    /// <summary>What was being done, on what, and why it failed.</summary>
    [JsonPropertyName("message")]
    public string Message { get; set; } = "";
}

/// <summary>Body of `POST /auth`, and content of the header X-Registry-Auth.</summary>
public sealed record AuthConfig
{
    /// <summary>User name.</summary>
    [JsonPropertyName("username")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Username { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Password.</summary>
    [JsonPropertyName("password")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Password { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Both, base64.</summary>
    [JsonPropertyName("auth")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Auth { get; set => field = OmitEmpty.Of(value); }

    /// <summary>The registry.</summary>
    [JsonPropertyName("serveraddress")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ServerAddress { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Token that takes the place of a password.</summary>
    [JsonPropertyName("identitytoken")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IdentityToken { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Bearer token sent as it is.</summary>
    [JsonPropertyName("registrytoken")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RegistryToken { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>Answer of `POST /auth`.</summary>
public sealed record AuthResponse
{
    /// <summary>Token that takes the place of a password.</summary>
    public string IdentityToken { get; set; } = "";

    /// <summary>`Login Succeeded`.</summary>
    public string Status { get; set; } = "";
}

/// <summary>Answer of `POST /build/prune`.</summary>
public sealed record BuildPruneResponse
{
    /// <summary>Removed entries of the build cache.</summary>
    public IReadOnlyList<string>? CachesDeleted { get; set; }

    /// <summary>Bytes freed.</summary>
    public long SpaceReclaimed { get; set; }
}
