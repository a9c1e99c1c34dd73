using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>A container's connection to one network: what was asked for, and what it got.</summary>
public sealed record EndpointSettings
{
    /// <summary>Addresses asked for.</summary>
    public EndpointIPAMConfig? IPAMConfig { get; set; }

    /// <summary>Links to other containers.</summary>
    public IReadOnlyList<string>? Links { get; set; }

    /// <summary>Further names on this network.</summary>
    public IReadOnlyList<string>? Aliases { get; set; }

    /// <summary>Hardware address.</summary>
    public string MacAddress { get; set; } = "";

    /// <summary>Options of the network driver.</summary>
    public IReadOnlyDictionary<string, string>? DriverOpts { get; set; }

    /// <summary>The endpoint with the highest value gives the default gateway.</summary>
    public int GwPriority { get; set; }

    /// <summary>ID of the network.</summary>
    public string NetworkID { get; set; } = "";

    /// <summary>ID of this connection.</summary>
    public string EndpointID { get; set; } = "";

    /// <summary>IPv4 gateway.</summary>
    public string Gateway { get; set; } = "";

    /// <summary>IPv4 address.</summary>
    public string IPAddress { get; set; } = "";

    /// <summary>Prefix length of the IPv4 address.</summary>
    public int IPPrefixLen { get; set; }

    /// <summary>IPv6 gateway.</summary>
    public string IPv6Gateway { get; set; } = "";

    /// <summary>IPv6 address.</summary>
    public string GlobalIPv6Address { get; set; } = "";

    /// <summary>Prefix length of the IPv6 address.</summary>
    public int GlobalIPv6PrefixLen { get; set; }

    /// <summary>Names that resolve to this endpoint.</summary>
    public IReadOnlyList<string>? DNSNames { get; set; }
}

/// <summary>Addresses asked for on one network.</summary>
public sealed record EndpointIPAMConfig
{
    /// <summary>IPv4 address.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IPv4Address { get; set => field = OmitEmpty.Of(value); }

    /// <summary>IPv6 address.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IPv6Address { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Link-local addresses.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? LinkLocalIPs { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>The networks that a new container joins.</summary>
public sealed record NetworkingConfig
{
    /// <summary>Connections by network name or ID.</summary>
    public IReadOnlyDictionary<string, EndpointSettings?>? EndpointsConfig { get; set; }
}
