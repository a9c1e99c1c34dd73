using Gantry.Oci.Images;

namespace Gantry.Build.Graph;

/// <summary>The network of a step.</summary>
public enum StepNetwork
{
    /// <summary>As containers have it.</summary>
    Default,

    /// <summary>Only the loopback interface.</summary>
    None,

    /// <summary>The host's.</summary>
    Host,

    /// <summary>That of a user, or another container's: see <see cref="ExecOperation.NetworkName"/>. Docker's classic builder alone has it.</summary>
    Named,
}

/// <summary>What is mounted into a step besides its root.</summary>
public enum StepMountKind
{
    /// <summary>Files of an input.</summary>
    Bind,

    /// <summary>A folder that lasts from build to build.</summary>
    Cache,

    /// <summary>Memory.</summary>
    Tmpfs,

    /// <summary>A secret of the one who builds.</summary>
    Secret,

    /// <summary>The SSH agent of the one who builds.</summary>
    Ssh,
}

/// <summary>Who may use a cache mount at the same time.</summary>
public enum CacheSharing
{
    /// <summary>Everybody.</summary>
    Shared,

    /// <summary>Everybody gets another one.</summary>
    Private,

    /// <summary>One after another.</summary>
    Locked,
}

/// <summary>A mount of a step.</summary>
public sealed record StepMount
{
    /// <summary>What it is.</summary>
    public required StepMountKind Kind { get; init; }

    /// <summary>The absolute path in the step; empty for a secret that is only a variable.</summary>
    public required string Target { get; init; }

    /// <summary>The number of the input whose files it shows; -1: none.</summary>
    public int Input { get; init; } = -1;

    /// <summary>The folder or file of the input.</summary>
    public string Source { get; init; } = "/";

    /// <summary>Whether nothing can be written. What is written to a bind mount is dropped, unless it is a result.</summary>
    public bool ReadOnly { get; init; }

    /// <summary>Whether the files of a bind mount, as the process leaves them, are a further result of the step: a <see cref="MountOutput"/> is it.</summary>
    public bool IsResult { get; init; }

    /// <summary>The name of the cache, secret or agent.</summary>
    public string Id { get; init; } = "";

    /// <summary>Who may use a cache.</summary>
    public CacheSharing Sharing { get; init; }

    /// <summary>Whether the step fails when the secret or agent is not given.</summary>
    public bool Required { get; init; }

    /// <summary>Permission bits; null: the default of the kind.</summary>
    public uint? Mode { get; init; }

    /// <summary>Owner.</summary>
    public uint UserId { get; init; }

    /// <summary>Group.</summary>
    public uint GroupId { get; init; }

    /// <summary>The variable that a secret becomes; null: none.</summary>
    public string? Variable { get; init; }

    /// <summary>The most bytes of a tmpfs; 0: as many as there are.</summary>
    public long Size { get; init; }

    internal void Describe(OperationHasher hasher)
    {
        hasher.Add((long)Kind).Add(Target).Add(Input).Add(Source).Add(ReadOnly).Add(IsResult).Add(Id).Add((long)Sharing).Add(Required)
            .Add(Mode ?? -1L).Add(UserId).Add(GroupId).Add(Variable).Add(Size);
    }
}

/// <summary>What a step may use of the machine, as for containers; 0 or empty: everything.</summary>
public sealed record StepResources
{
    /// <summary>Bytes of memory.</summary>
    public long Memory { get; init; }

    /// <summary>Bytes of memory and swap; -1: any.</summary>
    public long MemorySwap { get; init; }

    /// <summary>Relative weight.</summary>
    public long CpuShares { get; init; }

    /// <summary>Microseconds of a period.</summary>
    public long CpuPeriod { get; init; }

    /// <summary>Microseconds of processor time in a period.</summary>
    public long CpuQuota { get; init; }

    /// <summary>Processors, e.g. <c>0-2</c>.</summary>
    public string CpusetCpus { get; init; } = "";

    /// <summary>Memory nodes.</summary>
    public string CpusetMems { get; init; } = "";
}

/// <summary>Runs a process on its first input's files; the result has what it changed.</summary>
public sealed record ExecOperation : Operation
{
    /// <summary>The program and its arguments.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The environment as <c>NAME=value</c>.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Variables for proxies: they have no part in what the result is.</summary>
    public IReadOnlyList<string> ProxyEnvironment { get; init; } = [];

    /// <summary>The working directory.</summary>
    public string WorkingDirectory { get; init; } = "/";

    /// <summary><c>user[:group]</c>; empty: root.</summary>
    public string User { get; init; } = "";

    /// <summary>What is mounted.</summary>
    public IReadOnlyList<StepMount> Mounts { get; init; } = [];

    /// <summary>Whether the process cannot change its root.</summary>
    public bool HasReadOnlyRoot { get; init; }

    /// <summary>Whether what the process changes of its root is dropped: then its mounts are all that it is run for.</summary>
    public bool DropsRoot { get; init; }

    /// <summary>The network.</summary>
    public StepNetwork Network { get; init; }

    /// <summary>The name or ID of a <see cref="StepNetwork.Named"/> network, or <c>container:</c> and that of a container.</summary>
    public string NetworkName { get; init; } = "";

    /// <summary>Whether nothing confines it: <c>RUN --security=insecure</c>.</summary>
    public bool Insecure { get; init; }

    /// <summary>The host's name; empty: <c>buildkitsandbox</c>.</summary>
    public string HostName { get; init; } = "";

    /// <summary>Further names of hosts as <c>name:address</c>.</summary>
    public IReadOnlyList<string> ExtraHosts { get; init; } = [];

    /// <summary>Limits as <c>name=soft:hard</c>.</summary>
    public IReadOnlyList<string> Ulimits { get; init; } = [];

    /// <summary>The size of <c>/dev/shm</c> in bytes; 0: the default.</summary>
    public long ShmSize { get; init; }

    /// <summary>The cgroup below which it runs; it has no part in what the result is.</summary>
    public string CgroupParent { get; init; } = "";

    /// <summary>What it may use of the machine. It has no part in what the result is.</summary>
    public StepResources Resources { get; init; } = new();

    /// <summary>The platform that the program is for.</summary>
    public required Platform Platform { get; init; }

    /// <summary>Documents for the step by the paths at which it reads them: <c>RUN &lt;&lt;EOF</c> with an interpreter.</summary>
    public IReadOnlyList<(string Path, string Content)> Scripts { get; init; } = [];

    /// <summary>The exit codes with which it is done; none: 0 alone.</summary>
    public IReadOnlyList<int> ValidExitCodes { get; init; } = [];

    /// <inheritdoc/>
    public override void Describe(OperationHasher hasher)
    {
        hasher.Add("exec").Add(Arguments).Add(Environment).Add(WorkingDirectory).Add(User).Add((long)Network).Add(Insecure)
            .Add(HostName).Add(ExtraHosts).Add(Ulimits).Add(ShmSize).Add(Platform.ToString()).Add(HasReadOnlyRoot).Add(DropsRoot).Add(Mounts.Count);
        foreach (var mount in Mounts)
            mount.Describe(hasher);
        if (Network == StepNetwork.Named)
            hasher.Add(NetworkName);
        hasher.Add(Scripts.Count);
        foreach (var (path, content) in Scripts)
            hasher.Add(path).Add(content);
        foreach (var code in ValidExitCodes)
            hasher.Add(code);
    }
}
