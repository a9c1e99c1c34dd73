namespace Gantry.Networking;

/// <summary>What an engine decides about its networks.</summary>
public sealed record NetworkStoreOptions
{
    /// <summary>The driver's options of the network <c>bridge</c>; null: there is no such network.</summary>
    public IReadOnlyDictionary<string, string>? DefaultBridge { get; init; }

    /// <summary>A file that the engines of this host lock while they choose subnets; null: there is no other engine.</summary>
    public string? SubnetLock { get; init; }

    /// <summary>Told of networks that were made or removed: <c>create</c>, <c>destroy</c>.</summary>
    public Action<Network, string> Report { get; init; } = static (_, _) => { };
}
