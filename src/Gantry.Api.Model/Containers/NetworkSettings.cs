using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>The networks of a container. The fields of the default bridge at top level are for API versions below 1.52 only.</summary>
public sealed record NetworkSettings
{
    /// <summary>Always empty; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Bridge { get; set; }

    /// <summary>ID of the network namespace.</summary>
    public string SandboxID { get; set; } = "";

    /// <summary>Path of the network namespace.</summary>
    public string SandboxKey { get; set; } = "";

    /// <summary>Exposed ports, with where they are published.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> Ports { get; set => field = value ?? new Dictionary<string, IReadOnlyList<PortBinding>?>(); } = new Dictionary<string, IReadOnlyList<PortBinding>?>();

    /// <summary>Below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? HairpinMode { get; set; }

    /// <summary>Below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? LinkLocalIPv6Address { get; set; }

    /// <summary>Below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? LinkLocalIPv6PrefixLen { get; set; }

    /// <summary>Connection to the default bridge; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EndpointID { get; set; }

    /// <summary>Gateway of the default bridge; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Gateway { get; set; }

    /// <summary>IPv6 address on the default bridge; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GlobalIPv6Address { get; set; }

    /// <summary>Its prefix length; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? GlobalIPv6PrefixLen { get; set; }

    /// <summary>Address on the default bridge; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IPAddress { get; set; }

    /// <summary>Its prefix length; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? IPPrefixLen { get; set; }

    /// <summary>IPv6 gateway of the default bridge; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IPv6Gateway { get; set; }

    /// <summary>Hardware address on the default bridge; below 1.52.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MacAddress { get; set; }

    /// <summary>Connections by network name.</summary>
    public IReadOnlyDictionary<string, EndpointSettings> Networks { get; set => field = value ?? new Dictionary<string, EndpointSettings>(); } = new Dictionary<string, EndpointSettings>();
}
