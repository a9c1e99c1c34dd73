using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Body of `POST /networks/create`.</summary>
public sealed record NetworkCreateRequest
{
    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its driver; empty: `bridge`.</summary>
    public string Driver { get; set; } = "";

    /// <summary>Scope; empty: the driver's.</summary>
    public string Scope { get; set; } = "";

    /// <summary>Whether it has IPv4; null: yes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? EnableIPv4 { get; set; }

    /// <summary>Whether it has IPv6; null: as the engine is configured.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? EnableIPv6 { get; set; }

    /// <summary>Its addresses.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NetworkIpam? IPAM { get; set; }

    /// <summary>Whether it has no way out.</summary>
    public bool Internal { get; set; }

    /// <summary>Swarm: whether single containers may join.</summary>
    public bool Attachable { get; set; }

    /// <summary>Swarm: whether it is the routing mesh.</summary>
    public bool Ingress { get; set; }

    /// <summary>Whether it is only a configuration.</summary>
    public bool ConfigOnly { get; set; }

    /// <summary>The configuration it is made from.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ConfigReference? ConfigFrom { get; set; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; set; }

    /// <summary>Labels of the user.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; set; }
}

/// <summary>Answer of `POST /networks/create`.</summary>
public sealed record NetworkCreateResponse
{
    /// <summary>64 hex digits.</summary>
    public string Id { get; set; } = "";

    /// <summary>What was done otherwise than asked.</summary>
    public string Warning { get; set; } = "";
}

/// <summary>Body of `POST /networks/{id}/connect`.</summary>
public sealed record NetworkConnectRequest
{
    /// <summary>ID or name of the container.</summary>
    public string Container { get; set; } = "";

    /// <summary>What is asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public EndpointSettings? EndpointConfig { get; set; }
}

/// <summary>Body of `POST /networks/{id}/disconnect`.</summary>
public sealed record NetworkDisconnectRequest
{
    /// <summary>ID or name of the container.</summary>
    public string Container { get; set; } = "";

    /// <summary>Whether also a container that is not there is disconnected.</summary>
    public bool Force { get; set; }
}

/// <summary>Answer of `POST /networks/prune`.</summary>
public sealed record NetworksPruneResponse
{
    /// <summary>Names of removed networks.</summary>
    public IReadOnlyList<string>? NetworksDeleted { get; set; }
}
