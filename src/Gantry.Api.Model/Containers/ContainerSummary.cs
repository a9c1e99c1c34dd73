using System.Collections.ObjectModel;
using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>One row of `GET /containers/json`.</summary>
public sealed record ContainerSummary
{
    /// <summary>64 hex digits.</summary>
    public string Id { get; set; } = "";

    /// <summary>Names, each with a leading slash.</summary>
    public IReadOnlyList<string> Names { get; set => field = value ?? []; } = [];

    /// <summary>The image, as named at creation.</summary>
    public string Image { get; set; } = "";

    /// <summary>ID of the image.</summary>
    public string ImageID { get; set; } = "";

    /// <summary>Program and arguments in one line.</summary>
    public string Command { get; set; } = "";

    /// <summary>When it was created, seconds since 1970.</summary>
    public long Created { get; set; }

    /// <summary>Exposed and published ports.</summary>
    public IReadOnlyList<PortSummary> Ports { get; set => field = value ?? []; } = [];

    /// <summary>Bytes it changed or added; only when asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long SizeRw { get; set; }

    /// <summary>Bytes of its whole file system; only when asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long SizeRootFs { get; set; }

    /// <summary>Labels of the user.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; set => field = value ?? ReadOnlyDictionary<string, string>.Empty; } =
        ReadOnlyDictionary<string, string>.Empty;

    /// <summary>State in one word, as <see cref="ContainerState.Status"/>.</summary>
    public string State { get; set; } = "";

    /// <summary>State for people, such as `Up 3 minutes`.</summary>
    public string Status { get; set; } = "";

    /// <summary>The part of the host configuration that rows show.</summary>
    public ContainerSummaryHostConfig HostConfig { get; set => field = value ?? new(); } = new();

    /// <summary>Networks it is connected to.</summary>
    public ContainerSummaryNetworks NetworkSettings { get; set => field = value ?? new(); } = new();

    /// <summary>Mounts inside.</summary>
    public IReadOnlyList<MountPoint> Mounts { get; set => field = value ?? []; } = [];
}

/// <summary>A port of a container.</summary>
public sealed record PortSummary
{
    /// <summary>Address on the host.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? IP { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Port inside.</summary>
    public int PrivatePort { get; set; }

    /// <summary>Port on the host.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int PublicPort { get; set; }

    /// <summary>`tcp`, `udp` or `sctp`.</summary>
    public string Type { get; set; } = "";
}

/// <summary>The part of the host configuration that rows show.</summary>
public sealed record ContainerSummaryHostConfig
{
    /// <summary>Network mode.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? NetworkMode { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Annotations.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Annotations { get; set => field = OmitEmpty.Of(value); }
}

/// <summary>The networks that rows show.</summary>
public sealed record ContainerSummaryNetworks
{
    /// <summary>Connections by network name.</summary>
    public IReadOnlyDictionary<string, EndpointSettings> Networks { get; set => field = value ?? ReadOnlyDictionary<string, EndpointSettings>.Empty; } =
        ReadOnlyDictionary<string, EndpointSettings>.Empty;
}
