using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Body of `POST /containers/{id}/exec`.</summary>
public sealed record ExecCreateRequest
{
    /// <summary>`user[:group]`; empty: the container's.</summary>
    public string User { get; set; } = "";

    /// <summary>Whether it has all capabilities.</summary>
    public bool Privileged { get; set; }

    /// <summary>Whether it has a terminal.</summary>
    public bool Tty { get; set; }

    /// <summary>First size of the terminal: rows, columns.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? ConsoleSize { get; set; }

    /// <summary>Whether standard input is attached.</summary>
    public bool AttachStdin { get; set; }

    /// <summary>Whether standard error is attached.</summary>
    public bool AttachStderr { get; set; }

    /// <summary>Whether standard output is attached.</summary>
    public bool AttachStdout { get; set; }

    /// <summary>Keys that detach; empty: the engine's.</summary>
    public string DetachKeys { get; set; } = "";

    /// <summary>Further environment.</summary>
    public IReadOnlyList<string>? Env { get; set; }

    /// <summary>Working directory; empty: the container's.</summary>
    public string WorkingDir { get; set; } = "";

    /// <summary>Program and arguments.</summary>
    public IReadOnlyList<string>? Cmd { get; set; }
}

/// <summary>Answer of `POST /containers/{id}/exec`.</summary>
public sealed record ExecCreateResponse
{
    /// <summary>64 hex digits.</summary>
    public string Id { get; set; } = "";
}

/// <summary>Body of `POST /exec/{id}/start`.</summary>
public sealed record ExecStartRequest
{
    /// <summary>Whether to answer as soon as it runs.</summary>
    public bool Detach { get; set; }

    /// <summary>Whether the client expects a terminal; the one given at creation counts.</summary>
    public bool Tty { get; set; }

    /// <summary>First size of the terminal: rows, columns.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? ConsoleSize { get; set; }
}

/// <summary>Answer of `GET /exec/{id}/json`.</summary>
public sealed record ExecInspectResponse
{
    /// <summary>64 hex digits.</summary>
    public string ID { get; set; } = "";

    /// <summary>Whether the process exists.</summary>
    public bool Running { get; set; }

    /// <summary>Exit code; null: not ended.</summary>
    public int? ExitCode { get; set; }

    /// <summary>What runs.</summary>
    public ExecProcessConfig ProcessConfig { get; set => field = value ?? new(); } = new();

    /// <summary>Whether standard input is attached.</summary>
    public bool OpenStdin { get; set; }

    /// <summary>Whether standard error is attached.</summary>
    public bool OpenStderr { get; set; }

    /// <summary>Whether standard output is attached.</summary>
    public bool OpenStdout { get; set; }

    /// <summary>Whether the instance may be dropped.</summary>
    public bool CanRemove { get; set; }

    /// <summary>The container.</summary>
    public string ContainerID { get; set; } = "";

    /// <summary>Keys that detach.</summary>
    public string DetachKeys { get; set; } = "";

    /// <summary>Process ID on the host; 0: not started.</summary>
    public int Pid { get; set; }
}

/// <summary>The process of an exec.</summary>
public sealed record ExecProcessConfig
{
    /// <summary>Whether it has a terminal.</summary>
    [JsonPropertyName("tty")]
    public bool Tty { get; set; }

    /// <summary>Program.</summary>
    [JsonPropertyName("entrypoint")]
    public string Entrypoint { get; set; } = "";

    /// <summary>Its arguments.</summary>
    [JsonPropertyName("arguments")]
    public IReadOnlyList<string> Arguments { get; set => field = value ?? []; } = [];

    /// <summary>Whether it has all capabilities.</summary>
    [JsonPropertyName("privileged")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Privileged { get; set; }

    /// <summary>User as given.</summary>
    [JsonPropertyName("user")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? User { get; set => field = OmitEmpty.Of(value); }
}
