using Gantry.Engine.Information;
using Gantry.Engine.Networks;
using Gantry.Networking.Ipam;
using Gantry.Networking.Nftables;
using Gantry.Registry.Client;
using Microsoft.Extensions.Logging;

namespace Gantry.Engine;

/// <summary>What a host decides about an engine.</summary>
public sealed record EngineOptions
{
    /// <summary>The folder of durable objects.</summary>
    public string Root { get; init; } = "/var/lib/gantry";

    /// <summary>The folder of runtime state.</summary>
    public string Run { get; init; } = "/run/gantry";

    /// <summary>The path of the <c>gantry-runtime</c> executable.</summary>
    public required string RuntimeBinary { get; init; }

    /// <summary>The kind of snapshotter; null: the best that works.</summary>
    public string? StorageDriver { get; init; }

    /// <summary>How registries are reached.</summary>
    public RegistryClientOptions Registries { get; init; } = new();

    /// <summary>How many layers are fetched from registries at the same time.</summary>
    public int ConcurrentDownloads { get; init; } = 3;

    /// <summary>How many blobs of one push are sent at the same time.</summary>
    public int ConcurrentUploads { get; init; } = 5;

    /// <summary>How long what was pulled in part stays, to be resumed.</summary>
    public TimeSpan KeepPartialBlobs { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How long the logs of removed containers can be read; zero: they go with the container.</summary>
    public TimeSpan KeepRemovedLogs { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How many bytes the logs of containers may take that do not say; 0: as many as there are; null: a part of the disk.</summary>
    public long? LogBudget { get; init; }

    /// <summary>Who reaches published ports.</summary>
    public PublishScope PublishScope { get; init; } = PublishScope.World;

    /// <summary>Whether the engine makes rules of the firewall; without them its networks are not kept apart.</summary>
    public bool MakesFirewallRules { get; init; } = true;

    /// <summary>Where the subnets of networks come from that name none.</summary>
    public IReadOnlyList<DefaultAddressPool> AddressPools { get; init; } = DefaultAddressPool.Standard;

    /// <summary>Whether containers that do not say have the engine's init as their first process.</summary>
    public bool Init { get; init; }

    /// <summary>What containers have that do not say otherwise.</summary>
    public ContainerDefaults Defaults { get; init; } = new();

    /// <summary>What can change while the engine runs.</summary>
    public EngineSettings Settings { get; init; } = new();

    /// <summary>Where messages go.</summary>
    public required ILogger Logger { get; init; }

    /// <summary>Where the time comes from.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// The cgroup of the engine's containers: <c>/gantry</c> for the default root, else one that carries a digest of the root's path, so that
    /// engines side by side never meet.
    /// </summary>
    public string CgroupParent => $"{CgroupRoot.TrimEnd('/')}/{InstanceName}";

    /// <summary>The cgroup in which that of the engine is, e.g. one that bounds it: <c>/</c>, or a path below the roots of the hierarchies.</summary>
    public string CgroupRoot { get; init; } = "/";

    /// <summary>The network <c>bridge</c>; null: there is none, and containers that do not say have no network.</summary>
    public BridgeSettings? Bridge { get; init; } = new();

    /// <summary>Options of networks that do not say, by driver.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> NetworkDefaults { get; init; } =
        new Dictionary<string, IReadOnlyDictionary<string, string>>();

    /// <summary>The address that <c>host-gateway</c> means; null: the host's on the network <c>bridge</c>.</summary>
    public string? HostGatewayAddress { get; init; }

    /// <summary>What tells this engine's objects in the kernel from those of others: <c>gantry</c> for the default root, else <c>gy</c> and a digest.</summary>
    public string InstanceName => IsDefault ? "gantry" : $"gy{InstanceDigest()}";

    /// <summary>The interface of the network <c>bridge</c>.</summary>
    public string BridgeName => IsDefault ? "gantry0" : InstanceName;

    private bool IsDefault => Path.GetFullPath(Root) == "/var/lib/gantry";

    private string InstanceDigest() => Convert.ToHexStringLower(
        System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Path.GetFullPath(Root))))[..6];
}
