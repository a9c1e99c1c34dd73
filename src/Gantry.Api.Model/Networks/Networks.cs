using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>A network, in the answers of list and inspect.</summary>
public sealed record NetworkResource
{
    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>64 hex digits.</summary>
    public string Id { get; set; } = "";

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>`local`, `global` or `swarm`.</summary>
    public string Scope { get; set; } = "";

    /// <summary>Its driver.</summary>
    public string Driver { get; set; } = "";

    /// <summary>Whether it has IPv4.</summary>
    public bool EnableIPv4 { get; set; }

    /// <summary>Whether it has IPv6.</summary>
    public bool EnableIPv6 { get; set; }

    /// <summary>Its addresses.</summary>
    public NetworkIpam IPAM { get; set => field = value ?? new(); } = new();

    /// <summary>Whether it has no way out.</summary>
    public bool Internal { get; set; }

    /// <summary>Swarm: whether single containers may join.</summary>
    public bool Attachable { get; set; }

    /// <summary>Swarm: whether it is the routing mesh.</summary>
    public bool Ingress { get; set; }

    /// <summary>The configuration it was made from.</summary>
    public ConfigReference ConfigFrom { get; set => field = value ?? new(); } = new();

    /// <summary>Whether it is only a configuration.</summary>
    public bool ConfigOnly { get; set; }

    /// <summary>Connected running containers by ID; inspect only.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, EndpointResource>? Containers { get; set; }

    /// <summary>Options of the driver.</summary>
    public IReadOnlyDictionary<string, string> Options { get; set => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();

    /// <summary>Labels of the user.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; set => field = value ?? new Dictionary<string, string>(); } = new Dictionary<string, string>();
}

/// <summary>How addresses are given out.</summary>
public sealed record NetworkIpam
{
    /// <summary>Address driver; empty: `default`.</summary>
    public string Driver { get; set; } = "";

    /// <summary>Its options.</summary>
    public IReadOnlyDictionary<string, string>? Options { get; set; }

    /// <summary>Subnets.</summary>
    public IReadOnlyList<NetworkIpamConfig>? Config { get; set; }
}

/// <summary>One subnet.</summary>
public sealed record NetworkIpamConfig
{
    /// <summary>Subnet in CIDR notation.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Subnet { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Part of it that is given out.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IPRange { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Gateway.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Gateway { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Addresses used by others.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? AuxiliaryAddresses { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>A network whose configuration is used.</summary>
public sealed record ConfigReference
{
    /// <summary>Its name.</summary>
    public string Network { get; set; } = "";
}

/// <summary>A container on a network.</summary>
public sealed record EndpointResource
{
    /// <summary>Name of the container.</summary>
    public string Name { get; set; } = "";

    /// <summary>ID of the connection.</summary>
    public string EndpointID { get; set; } = "";

    /// <summary>Hardware address.</summary>
    public string MacAddress { get; set; } = "";

    /// <summary>Address in CIDR notation.</summary>
    public string IPv4Address { get; set; } = "";

    /// <summary>Address in CIDR notation.</summary>
    public string IPv6Address { get; set; } = "";
}
