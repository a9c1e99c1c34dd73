using System.Text;

namespace Gantry.Registry.Client.Auth;

/// <summary>Who a request is made for: what a client sends in X-Registry-Auth. Never logged, never part of an error.</summary>
public sealed record RegistryCredentials
{
    /// <summary>Nobody.</summary>
    public static RegistryCredentials Anonymous { get; } = new();

    /// <summary>The name, or null.</summary>
    public string? Username { get; init; }

    /// <summary>The password, or null.</summary>
    public string? Password { get; init; }

    /// <summary>An OAuth 2 refresh token, as a login returned it, instead of a password.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>A bearer token that is sent to the registry as it is.</summary>
    public string? RegistryToken { get; init; }

    /// <summary>Whether there is a name with a password.</summary>
    internal bool HasPassword => !string.IsNullOrEmpty(Username) && Password is not null;

    /// <summary>The value of a Basic Authorization.</summary>
    internal string Basic => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}"));

    /// <summary>Keeps secrets out of whatever prints this.</summary>
    public override string ToString() => string.IsNullOrEmpty(Username) ? "anonymous" : Username;
}
