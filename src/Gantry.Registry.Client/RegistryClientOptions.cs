using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client;

/// <summary>How a <see cref="RegistryClient"/> behaves.</summary>
public sealed record RegistryClientOptions
{
    /// <summary>Mirrors, insecure registries, folders of certificates.</summary>
    public RegistryHostOptions Hosts { get; init; } = new();

    /// <summary>The proxies; null: those of the environment.</summary>
    public ProxyOptions? Proxy { get; init; }

    /// <summary>How often and when a failed request is made again.</summary>
    public RetryPolicy Retry { get; init; } = new();

    /// <summary>How long making a connection may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a registry may think about a request before its answer begins.</summary>
    public TimeSpan ResponseTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a body may bring, or take, nothing before its connection is given up.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The size of a chunk, in bytes, when a registry takes uploads only in chunks and does not ask for larger ones.</summary>
    public int ChunkSize { get; init; } = 16 << 20;

    /// <summary>The value of User-Agent.</summary>
    public string UserAgent { get; init; } = "gantry";

    /// <summary>The clock of retries and of the life of tokens.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Told whenever a request is made again after a pause, or null.</summary>
    public Action<RetryNotice>? Retrying { get; init; }
}
