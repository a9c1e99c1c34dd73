namespace Gantry.Networking;

/// <summary>What an engine decides about its networks.</summary>
public sealed record NetworkStoreOptions
{
    /// <summary>The network <c>bridge</c>; null: there is none.</summary>
    public DefaultBridge? DefaultBridge { get; init; }

    /// <summary>Options of networks that do not say, by driver.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> DriverDefaults { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>A file that the engines of this host lock while they choose subnets; null: there is no other engine.</summary>
    public string? SubnetLock { get; init; }

    /// <summary>Told of networks that were made or removed: <c>create</c>, <c>destroy</c>.</summary>
    public Action<Network, string> Report { get; init; } = static (_, _) => { };
}
