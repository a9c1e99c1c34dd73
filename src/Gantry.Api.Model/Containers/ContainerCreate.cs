using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Body of `POST /containers/create`: the configuration, flat, with host and network configuration beside it.</summary>
public sealed record ContainerCreateRequest : ContainerConfig
{
    /// <summary>How the container is tied to the host.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HostConfig? HostConfig { get; set; }

    /// <summary>Hardware address on the network of the network mode, as clients before 1.44 write it.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MacAddress { get; set; }

    /// <summary>The networks it joins.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public NetworkingConfig? NetworkingConfig { get; set; }
}

/// <summary>Answer of `POST /containers/create`.</summary>
public sealed record ContainerCreateResponse
{
    /// <summary>ID of the new container, 64 hex digits.</summary>
    public string Id { get; set; } = "";

    /// <summary>What was done otherwise than asked.</summary>
    public IReadOnlyList<string> Warnings { get; set; } = [];
}
