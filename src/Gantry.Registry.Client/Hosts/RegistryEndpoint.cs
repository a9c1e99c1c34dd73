namespace Gantry.Registry.Client.Hosts;

/// <summary>What an endpoint of a registry may be asked for.</summary>
[Flags]
public enum EndpointCapabilities
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Content by digest.</summary>
    Pull = 1,

    /// <summary>What a tag means now. A mirror that may be out of date lacks this.</summary>
    Resolve = 2,

    /// <summary>Uploads and deletions.</summary>
    Push = 4,

    /// <summary>Everything.</summary>
    All = Pull | Resolve | Push,
}

/// <summary>One place where a registry's content is served: the registry itself, or a mirror of it.</summary>
public sealed record RegistryEndpoint
{
    /// <summary>Where the API begins, with a slash at the end: <c>https://registry-1.docker.io/v2/</c>.</summary>
    public required Uri Base { get; init; }

    /// <summary>What it may be asked for.</summary>
    public EndpointCapabilities Capabilities { get; init; } = EndpointCapabilities.All;

    /// <summary>How its certificate is verified, and which ones are shown to it.</summary>
    public EndpointTls Tls { get; init; } = EndpointTls.Default;

    /// <summary>Headers that each request carries.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>True for a mirror: the user's credentials for the registry are never sent to it.</summary>
    public bool IsMirror { get; init; }

    /// <summary>Whether plain HTTP is acceptable, be it as a redirect's target.</summary>
    public bool IsInsecure { get; init; }

    /// <summary>The value of <c>ns</c> by which a mirror of several registries knows which one is meant; null for none.</summary>
    public string? Namespace { get; init; }

    /// <summary>How long making a connection may take; null: as the client's options say.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>Host and port, the port only where it is not the scheme's usual one.</summary>
    public string Authority => Base.Authority;

    /// <summary>The address of something below <see cref="Base"/>; an address that the registry itself named stays as it is.</summary>
    internal Uri At(string path)
    {
        if (Namespace is null || path.Contains("://", StringComparison.Ordinal))
            return new Uri(Base, path);
        return new Uri(Base, $"{path}{(path.Contains('?', StringComparison.Ordinal) ? '&' : '?')}ns={Uri.EscapeDataString(Namespace)}");
    }
}
