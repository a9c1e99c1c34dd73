using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Answer of `GET /containers/{id}/top`.</summary>
public sealed record ContainerTopResponse
{
    /// <summary>One row for each process.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Processes { get; set => field = value ?? []; } = [];

    /// <summary>Names of the columns.</summary>
    public IReadOnlyList<string> Titles { get; set => field = value ?? []; } = [];
}

/// <summary>Answer of `POST /containers/{id}/wait`.</summary>
public sealed record ContainerWaitResponse
{
    /// <summary>Exit code.</summary>
    public long StatusCode { get; set; }

    /// <summary>Why waiting, or the container, failed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ContainerWaitExitError? Error { get; set; }
}

/// <summary>Why waiting failed.</summary>
public sealed record ContainerWaitExitError
{
    /// <summary>The text.</summary>
    public string Message { get; set; } = "";
}

/// <summary>Body of `POST /containers/{id}/update`: limits that change; what is null, 0 or empty stays.</summary>
public sealed record ContainerUpdateRequest : ContainerResources
{
    /// <summary>New restart policy; an empty name leaves it as it is.</summary>
    public RestartPolicy RestartPolicy { get; set => field = value ?? new(); } = new();
}

/// <summary>Answer of `POST /containers/{id}/update`.</summary>
public sealed record ContainerUpdateResponse
{
    /// <summary>What was done otherwise than asked.</summary>
    public IReadOnlyList<string>? Warnings { get; set; }
}

/// <summary>Answer of `POST /containers/prune`.</summary>
public sealed record ContainersPruneResponse
{
    /// <summary>IDs of removed containers.</summary>
    public IReadOnlyList<string>? ContainersDeleted { get; set; }

    /// <summary>Bytes freed.</summary>
    public long SpaceReclaimed { get; set; }
}
