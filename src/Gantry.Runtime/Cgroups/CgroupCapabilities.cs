namespace Gantry.Runtime.Cgroups;

/// <summary>
/// Which limits this machine has the means for, so that an engine can warn about and leave out what would be refused. Most are
/// the fields of docker's <c>info</c>.
/// </summary>
public sealed record CgroupCapabilities
{
    /// <summary>A limit of memory.</summary>
    public bool MemoryLimit { get; init; }

    /// <summary>A limit of swap.</summary>
    public bool SwapLimit { get; init; }

    /// <summary>A soft limit of memory.</summary>
    public bool MemoryReservation { get; init; }

    /// <summary>Disabling the OOM killer.</summary>
    public bool OomKillDisable { get; init; }

    /// <summary>Swappiness by container.</summary>
    public bool MemorySwappiness { get; init; }

    /// <summary>A limit of TCP buffers.</summary>
    public bool KernelMemoryTcp { get; init; }

    /// <summary>Weights of processor time.</summary>
    public bool CpuShares { get; init; }

    /// <summary>Periods and quotas of processor time.</summary>
    public bool CpuQuota { get; init; }

    /// <summary>Real-time scheduling by container.</summary>
    public bool CpuRealtime { get; init; }

    /// <summary>Choosing processors and memory nodes.</summary>
    public bool CpuSet { get; init; }

    /// <summary>The processors there are to choose from, e.g. <c>0-1</c>; empty without <see cref="CpuSet"/>.</summary>
    public string Processors { get; init; } = "";

    /// <summary>The memory nodes there are to choose from, e.g. <c>0</c>; empty without <see cref="CpuSet"/>.</summary>
    public string MemoryNodes { get; init; } = "";

    /// <summary>A limit of tasks.</summary>
    public bool PidsLimit { get; init; }

    /// <summary>Rules about devices.</summary>
    public bool Devices { get; init; }

    /// <summary>The weight of block I/O.</summary>
    public bool BlockIoWeight { get; init; }

    /// <summary>The weight of block I/O by device.</summary>
    public bool BlockIoWeightDevice { get; init; }

    /// <summary>Rates of bytes and of transfers by device.</summary>
    public bool BlockIoThrottle { get; init; }

    /// <summary>Limits of huge pages.</summary>
    public bool HugePages { get; init; }

    /// <summary>Stopping and continuing a container.</summary>
    public bool Freezer { get; init; }

    internal static CgroupCapabilities Detect(CgroupLayout layout, IReadOnlyList<CgroupHierarchy> hierarchies)
    {
        var roots = new ControllerFolders([.. hierarchies.Select(hierarchy => new CgroupFolder(hierarchy, "/"))]);
        return layout == CgroupLayout.Unified ? DetectUnified(hierarchies[0]) : DetectLegacy(roots);
    }

    private static CgroupCapabilities DetectLegacy(ControllerFolders roots)
    {
        bool Has(string controller, string file) => roots.Find(controller)?.Exists(file) == true;
        var processorSets = roots.Find("cpuset");
        return new CgroupCapabilities
        {
            MemoryLimit = roots.Find("memory") is not null,
            SwapLimit = Has("memory", "memory.memsw.limit_in_bytes"),
            MemoryReservation = Has("memory", "memory.soft_limit_in_bytes"),
            OomKillDisable = Has("memory", "memory.oom_control"),
            MemorySwappiness = Has("memory", "memory.swappiness"),
            KernelMemoryTcp = Has("memory", "memory.kmem.tcp.limit_in_bytes"),
            CpuShares = Has("cpu", "cpu.shares"),
            CpuQuota = Has("cpu", "cpu.cfs_quota_us"),
            CpuRealtime = Has("cpu", "cpu.rt_period_us"),
            CpuSet = processorSets is not null,
            Processors = processorSets?.TryReadText("cpuset.cpus") ?? "",
            MemoryNodes = processorSets?.TryReadText("cpuset.mems") ?? "",
            PidsLimit = roots.Find("pids") is not null,
            Devices = roots.Find("devices") is not null,
            BlockIoWeight = Has("blkio", "blkio.weight") || Has("blkio", "blkio.bfq.weight"),
            BlockIoWeightDevice = Has("blkio", "blkio.weight_device") || Has("blkio", "blkio.bfq.weight_device"),
            BlockIoThrottle = Has("blkio", "blkio.throttle.read_bps_device"),
            HugePages = roots.Find("hugetlb") is not null,
            Freezer = roots.Find("freezer") is not null,
        };
    }

    /// <summary>
    /// The root of the tree has few of the files, so that the controllers have to tell; a swap file of the whole machine stands for that of groups.
    /// </summary>
    private static CgroupCapabilities DetectUnified(CgroupHierarchy tree)
    {
        var root = new CgroupFolder(tree, "/");
        return new CgroupCapabilities
        {
            MemoryLimit = tree.Has("memory"),
            SwapLimit = tree.Has("memory") && root.Children().FirstOrDefault(child => child.Exists("memory.max"))?.Exists("memory.swap.max") != false,
            MemoryReservation = tree.Has("memory"),
            CpuShares = tree.Has("cpu"),
            CpuQuota = tree.Has("cpu"),
            CpuSet = tree.Has("cpuset"),
            Processors = root.TryReadText("cpuset.cpus.effective") ?? "",
            MemoryNodes = root.TryReadText("cpuset.mems.effective") ?? "",
            PidsLimit = tree.Has("pids"),
            Devices = true,
            BlockIoWeight = tree.Has("io"),
            BlockIoWeightDevice = tree.Has("io"),
            BlockIoThrottle = tree.Has("io"),
            HugePages = tree.Has("hugetlb"),
            Freezer = true,
        };
    }
}
