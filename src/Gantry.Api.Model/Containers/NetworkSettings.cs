using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>The networks of a container.</summary>
[JsonDerivedType(typeof(LegacyNetworkSettings))]
public record NetworkSettings
{
    /// <summary>ID of the network namespace.</summary>
    [JsonPropertyOrder(-3)]
    public string SandboxID { get; set; } = "";

    /// <summary>Path of the network namespace.</summary>
    [JsonPropertyOrder(-2)]
    public string SandboxKey { get; set; } = "";

    /// <summary>Exposed ports, with where they are published.</summary>
    [JsonPropertyOrder(-1)]
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> Ports { get; set =>
        field = value ?? new Dictionary<string, IReadOnlyList<PortBinding>?>(); } = new Dictionary<string, IReadOnlyList<PortBinding>?>();

    /// <summary>Connections by network name.</summary>
    [JsonPropertyOrder(1)]
    public IReadOnlyDictionary<string, EndpointSettings> Networks { get; set => field = value ?? new Dictionary<string, EndpointSettings>(); } =
        new Dictionary<string, EndpointSettings>();
}

/// <summary>As API versions below 1.52 have them: the connection to the default bridge once more, at top level.</summary>
public sealed record LegacyNetworkSettings : NetworkSettings
{
    /// <summary>Always empty.</summary>
    [JsonPropertyOrder(-4)] // Docker's order, which people read.
    public string Bridge { get; set; } = "";

    /// <summary>Always false.</summary>
    public bool HairpinMode { get; set; }

    /// <summary>Always empty.</summary>
    public string LinkLocalIPv6Address { get; set; } = "";

    /// <summary>Always 0.</summary>
    public int LinkLocalIPv6PrefixLen { get; set; }

    /// <summary>Always null.</summary>
    public IReadOnlyList<string>? SecondaryIPAddresses { get; set; }

    /// <summary>Always null.</summary>
    public IReadOnlyList<string>? SecondaryIPv6Addresses { get; set; }

    /// <summary>ID of the connection.</summary>
    public string EndpointID { get; set; } = "";

    /// <summary>Gateway.</summary>
    public string Gateway { get; set; } = "";

    /// <summary>IPv6 address.</summary>
    public string GlobalIPv6Address { get; set; } = "";

    /// <summary>Its prefix length.</summary>
    public int GlobalIPv6PrefixLen { get; set; }

    /// <summary>Address.</summary>
    public string IPAddress { get; set; } = "";

    /// <summary>Its prefix length.</summary>
    public int IPPrefixLen { get; set; }

    /// <summary>IPv6 gateway.</summary>
    public string IPv6Gateway { get; set; } = "";

    /// <summary>Hardware address.</summary>
    public string MacAddress { get; set; } = "";
}
