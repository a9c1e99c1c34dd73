using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>Answer of `GET /containers/{id}/json`.</summary>
public sealed record ContainerInspectResponse
{
    /// <summary>64 hex digits.</summary>
    public string Id { get; set; } = "";

    /// <summary>When it was created.</summary>
    public DateTimeOffset Created { get; set; }

    /// <summary>Program that runs.</summary>
    public string Path { get; set; } = "";

    /// <summary>Its arguments.</summary>
    public IReadOnlyList<string> Args { get; set => field = value ?? []; } = [];

    /// <summary>Whether it runs, and how it ended.</summary>
    public ContainerState State { get; set => field = value ?? new(); } = new();

    /// <summary>ID of the image.</summary>
    public string Image { get; set; } = "";

    /// <summary>File on the host that is /etc/resolv.conf inside.</summary>
    public string ResolvConfPath { get; set; } = "";

    /// <summary>File on the host that is /etc/hostname inside.</summary>
    public string HostnamePath { get; set; } = "";

    /// <summary>File on the host that is /etc/hosts inside.</summary>
    public string HostsPath { get; set; } = "";

    /// <summary>Log file on the host; empty when the driver keeps none.</summary>
    public string LogPath { get; set; } = "";

    /// <summary>Name with a leading slash.</summary>
    public string Name { get; set; } = "";

    /// <summary>Restarts by its policy since the last start by a user.</summary>
    public int RestartCount { get; set; }

    /// <summary>Storage driver.</summary>
    public string Driver { get; set; } = "";

    /// <summary>Operating system of the image.</summary>
    public string Platform { get; set; } = "";

    /// <summary>SELinux label of its files.</summary>
    public string MountLabel { get; set; } = "";

    /// <summary>SELinux label of its process.</summary>
    public string ProcessLabel { get; set; } = "";

    /// <summary>AppArmor profile of its process.</summary>
    public string AppArmorProfile { get; set; } = "";

    /// <summary>Exec instances in it; null: none.</summary>
    public IReadOnlyList<string>? ExecIDs { get; set; }

    /// <summary>How it is tied to the host.</summary>
    public HostConfig HostConfig { get; set => field = value ?? new(); } = new();

    /// <summary>Where its file system lies.</summary>
    public DriverData GraphDriver { get; set => field = value ?? new(); } = new();

    /// <summary>Bytes it changed or added; only when asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SizeRw { get; set; }

    /// <summary>Bytes of its whole file system; only when asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? SizeRootFs { get; set; }

    /// <summary>Mounts inside.</summary>
    public IReadOnlyList<MountPoint> Mounts { get; set => field = value ?? []; } = [];

    /// <summary>What runs in it.</summary>
    public ContainerConfig Config { get; set => field = value ?? new(); } = new();

    /// <summary>Networks it is connected to.</summary>
    public NetworkSettings NetworkSettings { get; set => field = value ?? new(); } = new();
}

/// <summary>Whether a container runs, and how it ended.</summary>
public sealed record ContainerState
{
    /// <summary>`created`, `running`, `paused`, `restarting`, `removing`, `exited` or `dead`.</summary>
    public string Status { get; set; } = "";

    /// <summary>Whether the process exists (also while paused or waiting for a restart).</summary>
    public bool Running { get; set; }

    /// <summary>Whether it is frozen.</summary>
    public bool Paused { get; set; }

    /// <summary>Whether it waits for its next start.</summary>
    public bool Restarting { get; set; }

    /// <summary>Whether the kernel killed for lack of memory.</summary>
    public bool OOMKilled { get; set; }

    /// <summary>Whether its removal failed half-way.</summary>
    public bool Dead { get; set; }

    /// <summary>Process ID on the host; 0: none.</summary>
    public int Pid { get; set; }

    /// <summary>Last exit code; 128 + n for signal n.</summary>
    public int ExitCode { get; set; }

    /// <summary>Why the last start failed.</summary>
    public string Error { get; set; } = "";

    /// <summary>Last start; zero time: never.</summary>
    public DateTimeOffset StartedAt { get; set; }

    /// <summary>Last end; zero time: never.</summary>
    public DateTimeOffset FinishedAt { get; set; }

    /// <summary>Result of health probes, if there are any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Health? Health { get; set; }
}

/// <summary>Result of health probes.</summary>
public sealed record Health
{
    /// <summary>`none`, `starting`, `healthy` or `unhealthy`.</summary>
    public string Status { get; set; } = "";

    /// <summary>Failures in a row.</summary>
    public int FailingStreak { get; set; }

    /// <summary>The last probes.</summary>
    public IReadOnlyList<HealthcheckResult>? Log { get; set; }
}

/// <summary>One health probe.</summary>
public sealed record HealthcheckResult
{
    /// <summary>When it began.</summary>
    public DateTimeOffset Start { get; set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset End { get; set; }

    /// <summary>0: healthy, 1: unhealthy, else: the probe itself failed.</summary>
    public int ExitCode { get; set; }

    /// <summary>What it wrote.</summary>
    public string Output { get; set; } = "";
}

/// <summary>Storage driver and where it keeps an object.</summary>
public sealed record DriverData
{
    /// <summary>Facts of the driver, mostly paths.</summary>
    public IReadOnlyDictionary<string, string>? Data { get; set; }

    /// <summary>The driver.</summary>
    public string Name { get; set; } = "";
}
