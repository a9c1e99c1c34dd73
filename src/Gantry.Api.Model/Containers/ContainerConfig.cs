using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>
/// What runs in a container, independent of the host. Settable throughout, as the source-generated reader drops initializers of init-only properties.
/// </summary>
public record ContainerConfig
{
    /// <summary>Host name inside; empty: the first 12 digits of the container's ID.</summary>
    public string Hostname { get; set; } = "";

    /// <summary>NIS domain name inside.</summary>
    public string Domainname { get; set; } = "";

    /// <summary>`user[:group]`, names or numbers; empty: the image's user, else root.</summary>
    public string User { get; set; } = "";

    /// <summary>Whether the creating client means to attach to standard input.</summary>
    public bool AttachStdin { get; set; }

    /// <summary>Whether the creating client means to attach to standard output.</summary>
    public bool AttachStdout { get; set; }

    /// <summary>Whether the creating client means to attach to standard error.</summary>
    public bool AttachStderr { get; set; }

    /// <summary>Ports that the process listens on, as a set of `port/protocol`.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, EmptyObject>? ExposedPorts { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Whether standard input, output and error are one terminal.</summary>
    public bool Tty { get; set; }

    /// <summary>Whether standard input exists at all.</summary>
    public bool OpenStdin { get; set; }

    /// <summary>Whether standard input ends when the first attached client leaves.</summary>
    public bool StdinOnce { get; set; }

    /// <summary>Environment as `NAME=value`; in a request, `NAME` alone removes what the image sets.</summary>
    public IReadOnlyList<string>? Env { get; set; }

    /// <summary>Command, or arguments of the entry point.</summary>
    public StringOrList? Cmd { get; set; }

    /// <summary>How health is probed; null: as the image says.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public HealthConfig? Healthcheck { get; set; }

    /// <summary>Windows only: the command is one escaped line.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool ArgsEscaped { get; set; }

    /// <summary>The image, as the user named it.</summary>
    public string Image { get; set; } = "";

    /// <summary>Mount points of anonymous volumes, as a set of paths.</summary>
    public IReadOnlyDictionary<string, EmptyObject>? Volumes { get; set; }

    /// <summary>Working directory; empty: `/`.</summary>
    public string WorkingDir { get; set; } = "";

    /// <summary>Entry point; one empty string removes the image's.</summary>
    public StringOrList? Entrypoint { get; set; }

    /// <summary>Whether the container gets no network at all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool NetworkDisabled { get; set; }

    /// <summary>Build instructions that wait in the image for a child image.</summary>
    public IReadOnlyList<string>? OnBuild { get; set; }

    /// <summary>Labels of the user.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; set; }

    /// <summary>Signal that asks the process to end; null: SIGTERM.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StopSignal { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Seconds between that signal and SIGKILL; null: 10; negative: no limit.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? StopTimeout { get; set; }

    /// <summary>Shell of the shell forms of RUN, CMD and ENTRYPOINT.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StringOrList? Shell { get; set => field = value is { Count: 0 } ? null : value; }

    /// <summary>A copy that is only a configuration, without what a create request has beside it: what is stored and shown.</summary>
    public ContainerConfig ToConfig() => new(this);
}

/// <summary>A health probe; durations are nanoseconds, 0 takes the image's value or docker's default.</summary>
public sealed record HealthConfig
{
    /// <summary>`["NONE"]`, `["CMD", args...]`, `["CMD-SHELL", line]`; null or empty inherits.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Test { get; set => field = OmitEmpty.Of(value); }

    /// <summary>Time between two probes, nanoseconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Interval { get; set; }

    /// <summary>Time after which a probe has failed, nanoseconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long Timeout { get; set; }

    /// <summary>Time after the start in which failures do not count, nanoseconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long StartPeriod { get; set; }

    /// <summary>Time between two probes within the start period, nanoseconds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long StartInterval { get; set; }

    /// <summary>Failures in a row that make a container unhealthy.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int Retries { get; set; }

    /// <summary>What is done to an unhealthy container: `none`, `kill`, `restart` or `stop`. Not of docker's API.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? OnFailure { get; set => field = OmitEmpty.Of(value); }
}
