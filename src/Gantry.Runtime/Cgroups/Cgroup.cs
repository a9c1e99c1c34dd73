using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Runtime.Cgroups;

/// <summary>
/// A control group in all trees of the machine. It holds no descriptors: it may be kept as long as one likes, and the group may come and go
/// underneath.
/// </summary>
public sealed class Cgroup
{
    private readonly CgroupFolder[] _legacy;
    private readonly CgroupFolder? _unified;
    private readonly ControllerFolders _controllers;

    internal Cgroup(string path, IReadOnlyList<CgroupFolder> folders)
    {
        Path = path;
        Folders = folders;
        _legacy = [.. folders.Where(folder => !folder.Hierarchy.IsUnified)];
        _unified = folders.FirstOrDefault(folder => folder.Hierarchy.IsUnified);
        _controllers = new ControllerFolders([.. _legacy, .. folders.Except(_legacy)]);
    }

    /// <summary>From the roots of the trees, e.g. <c>/gantry/id</c>.</summary>
    public string Path { get; }

    internal IReadOnlyList<CgroupFolder> Folders { get; }

    private bool IsUnified => _legacy.Length == 0;

    /// <summary>The folder in which one can list processes; of version 2 where there is both, because it can be killed at one stroke.</summary>
    private CgroupFolder Members => _unified ?? _legacy[0];

    private CgroupFolder? Freezer => _controllers.Find("freezer") ?? _unified;

    /// <summary>The group's folder in one of the host's trees, e.g. to bind it into a container without a cgroup namespace.</summary>
    public string PathIn(CgroupHierarchy hierarchy) => new CgroupFolder(hierarchy, Path).HostPath;

    /// <summary>
    /// The <c>tasks</c> files of version 1, open for writing, one a tree: a thread that writes <c>0</c> into each joins the group.
    /// A single-threaded process does that without the grace period (8 to 17 ms) that moving it from outside costs. Empty with
    /// version 2 alone. The caller disposes of them.
    /// </summary>
    /// <exception cref="OsException">The group does not exist.</exception>
    public IReadOnlyList<Fd> OpenTasks()
    {
        var tasks = new List<Fd>(_legacy.Length);
        try
        {
            foreach (var folder in _legacy)
                tasks.Add(folder.Open("tasks", OpenFlags.WriteOnly));
            return tasks;
        }
        catch (OsException)
        {
            tasks.ForEach(file => file.Dispose());
            throw;
        }
    }

    /// <summary>
    /// The version 2 directory, to be born in (clone(2), CLONE_INTO_CGROUP); null where there is none. A hybrid machine has both
    /// this and <see cref="OpenTasks"/>. The caller disposes of it.
    /// </summary>
    /// <exception cref="OsException">The group does not exist.</exception>
    public Fd? OpenDirectory() => _unified?.Open(".", OpenFlags.Path | OpenFlags.Directory);

    /// <summary>Moves a running process, with all its threads, into the group. Slow with version 1; meant for processes that exist already.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public void Add(int process)
    {
        foreach (var folder in Folders)
            folder.Write("cgroup.procs", process);
    }

    /// <summary>Sets limits; what is null stays as it is. Where one is refused, those before it stay set.</summary>
    /// <exception cref="GantryException">The machine lacks the means for a limit: the text names limit and controller.</exception>
    /// <exception cref="OsException">The kernel refused a value: the text names file and value.</exception>
    public void Update(LinuxResources resources)
    {
        if (IsUnified)
            UnifiedLimits.Apply(_unified!, _controllers, resources);
        else
            LegacyLimits.Apply(_controllers, resources);
    }

    /// <summary>Stops all processes, and returns when they stand still.</summary>
    /// <exception cref="GantryException">The machine has no means for it.</exception>
    /// <exception cref="OsException">Refused, or not all stopped within two seconds: then they run on.</exception>
    public void Freeze() => CgroupFreezer.Freeze(NeedFreezer());

    /// <summary>Lets stopped processes run on.</summary>
    /// <exception cref="GantryException">The machine has no means for it.</exception>
    /// <exception cref="OsException">Refused.</exception>
    public void Thaw() => CgroupFreezer.Thaw(NeedFreezer());

    /// <summary>Whether the group is stopped.</summary>
    public bool IsFrozen => Freezer is { } freezer && CgroupFreezer.IsFrozen(freezer);

    /// <summary>The numbers of the processes, in this process's pid namespace, those of groups within included; empty when the group is gone.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public IReadOnlyList<int> Processes() =>
        _legacy.Length > 0 && _unified is not null
            ? [.. CgroupProcesses.List(_unified).Union(CgroupProcesses.List(_legacy[0]))]
            : CgroupProcesses.List(Members);

    /// <summary>
    /// Ends all processes with SIGKILL, stopped ones too. They may take a moment to be gone: <see cref="Delete"/> waits for that.
    /// </summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public void KillAll()
    {
        CgroupProcesses.KillAll(Members, Freezer);
        // One that was moved in by someone who knows version 1 only is not among the members of version 2. And there a frozen
        // process is not killed before it is thawed.
        if (_unified is not null && _legacy.Length > 0)
            CgroupProcesses.KillAll(_legacy[0], Freezer);
    }

    /// <summary>Removes the group and those within it from all trees. Processes just killed are waited for, about two seconds at most.</summary>
    /// <exception cref="OsException">It still has processes (EBUSY), or the kernel refused.</exception>
    public void Delete() => CgroupRemover.Remove(Folders);

    /// <summary>How many processes the kernel killed because the group was out of memory; 0 when the group is gone.</summary>
    public long OomKillCount()
    {
        var events = _controllers.Find("memory") is not { } folder ? []
            : CgroupText.Map(folder, folder.Hierarchy.IsUnified ? "memory.events" : "memory.oom_control");
        return (long)events.GetValueOrDefault("oom_kill");
    }

    /// <summary>What the group has used.</summary>
    /// <exception cref="GantryException">The group does not exist.</exception>
    public CgroupStatistics ReadStatistics()
    {
        if (!Members.Exists("cgroup.procs"))
            throw GantryException.NotFound($"cgroup: there is no control group {Path}");
        return new CgroupStatistics
        {
            Cpu = IsUnified ? UnifiedStatistics.ReadCpu(_unified!) : LegacyStatistics.ReadCpu(_controllers),
            Memory = IsUnified ? UnifiedStatistics.ReadMemory(_controllers) : LegacyStatistics.ReadMemory(_controllers),
            BlockIo = IsUnified ? UnifiedStatistics.ReadBlockIo(_controllers) : LegacyStatistics.ReadBlockIo(_controllers),
            Pids = _controllers.Find("pids") is { } pids
                ? new PidsStatistics(CgroupText.Number(pids, "pids.current") ?? 0, CgroupText.Number(pids, "pids.max"))
                : null,
        };
    }

    private CgroupFolder NeedFreezer() =>
        Freezer ?? throw GantryException.Invalid("cgroup: cannot stop processes: this machine has no freezer controller");
}
