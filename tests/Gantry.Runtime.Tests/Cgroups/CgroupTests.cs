using System.Diagnostics;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Runtime.Cgroups;

namespace Gantry.Runtime.Tests.Cgroups;

/// <summary>Against the machine's own control groups, whichever version it has: those that need version 1 say so.</summary>
public class CgroupTests
{
    [Fact]
    public void Limits_arrive_in_the_kernel_and_can_be_raised_and_lowered()
    {
        using var temporary = new TemporaryCgroup(Limits(64 << 20, 96 << 20));
        if (temporary.Host.Layout == CgroupLayout.Unified)
            return;
        Assert.Equal("67108864", temporary.Read("memory", "memory.limit_in_bytes"));
        Assert.Equal("100663296", temporary.Read("memory", "memory.memsw.limit_in_bytes"));
        Assert.Equal("50", temporary.Read("pids", "pids.max"));
        Assert.Equal("50000", temporary.Read("cpu", "cpu.cfs_quota_us"));
        Assert.Equal("512", temporary.Read("cpu", "cpu.shares"));
        Assert.Equal("0", temporary.Read("cpuset", "cpuset.cpus"));
        Assert.NotEqual("", temporary.Read("cpuset", "cpuset.mems"));
        Assert.DoesNotContain("a *:* rwm", temporary.Read("devices", "devices.list"));
        Assert.Contains("c 1:3 rwm", temporary.Read("devices", "devices.list"));

        temporary.Group.Update(Limits(256 << 20, 512 << 20));
        Assert.Equal("268435456", temporary.Read("memory", "memory.limit_in_bytes"));
        temporary.Group.Update(Limits(32 << 20, 32 << 20));
        Assert.Equal("33554432", temporary.Read("memory", "memory.memsw.limit_in_bytes"));
        temporary.Group.Update(new LinuxResources { Memory = new MemoryResources { Limit = -1 } });
        Assert.Null(temporary.Group.ReadStatistics().Memory!.Limit);
    }

    [Fact]
    public void What_the_machine_lacks_is_refused_by_name_and_nothing_is_left()
    {
        var host = CgroupHost.Detect();
        var path = $"/gantry-test-{Guid.NewGuid():N}";
        var resources = new LinuxResources { Rdma = new Dictionary<string, RdmaResources> { ["x"] = new() { HcaHandles = 1 } } };
        var failure = Assert.Throws<GantryException>(() => host.Create(path, resources));
        Assert.Contains("rdma controller", failure.Message);
        Assert.All(host.Hierarchies, tree => Assert.False(Directory.Exists(tree.MountPoint + path)));
    }

    [Fact]
    public void Huge_pages_are_limited_wherever_the_controller_is()
    {
        var host = CgroupHost.Detect();
        if (!host.Capabilities.HugePages)
            return;
        using var temporary = new TemporaryCgroup(new LinuxResources { HugepageLimits = [new HugepageLimit("2MB", 4 << 20)] });
        Assert.Equal("4194304", temporary.Read("hugetlb", host.Hierarchies.First(tree => tree.Controllers.Contains("hugetlb")).IsUnified
            ? "hugetlb.2MB.max" : "hugetlb.2MB.limit_in_bytes"));
    }

    [Fact]
    public void Processes_freeze_thaw_and_are_killed_while_frozen()
    {
        using var temporary = new TemporaryCgroup();
        var processes = new[] { temporary.Start(), temporary.Start() };
        Assert.Equal(processes.Select(process => process.Id).Order(), temporary.Group.Processes().Order());

        temporary.Group.Freeze();
        Assert.True(temporary.Group.IsFrozen);
        temporary.Group.Thaw();
        Assert.False(temporary.Group.IsFrozen);

        temporary.Group.Freeze();
        temporary.Group.KillAll();
        Assert.All(processes, process => Assert.True(process.WaitForExit(5000)));
        temporary.Group.Delete();
        Assert.Empty(temporary.Group.Processes());
    }

    [Fact]
    public void A_group_in_use_is_neither_taken_over_nor_deleted()
    {
        using var temporary = new TemporaryCgroup();
        temporary.Start();
        Assert.Equal(ErrorKind.Conflict, Assert.Throws<GantryException>(() => temporary.Host.Create(temporary.Group.Path)).Kind);
        Assert.Single(temporary.Group.Processes());
    }

    [Fact]
    public void A_group_left_behind_is_taken_over_and_groups_within_are_deleted_with_it()
    {
        using var temporary = new TemporaryCgroup();
        temporary.Host.Create(temporary.Group.Path + "/inner/most");
        temporary.Host.Create(temporary.Group.Path);
        temporary.Group.Delete();
        Assert.All(temporary.Host.Hierarchies, tree => Assert.False(Directory.Exists(temporary.Group.PathIn(tree))));
        temporary.Group.Delete();
    }

    [Fact]
    public void A_group_is_deleted_once_its_process_has_left_the_first_tree_as_well()
    {
        using var temporary = new TemporaryCgroup();
        using var process = Process.Start("sleep", ["0.2"]);
        var first = temporary.Group.PathIn(temporary.Host.Hierarchies[0]);
        File.WriteAllText(Path.Combine(first, "cgroup.procs"), $"{process.Id}");
        temporary.Group.Delete();
        Assert.All(temporary.Host.Hierarchies, tree => Assert.False(Directory.Exists(temporary.Group.PathIn(tree))));
    }

    [Fact]
    public void A_process_joins_by_the_opened_files()
    {
        using var temporary = new TemporaryCgroup();
        var tasks = temporary.Group.OpenTasks();
        using var directory = temporary.Group.OpenDirectory();
        Assert.Equal(temporary.Host.Hierarchies.Count(tree => !tree.IsUnified), tasks.Count);
        Assert.Equal(temporary.Host.Hierarchies.Any(tree => tree.IsUnified), directory is not null);
        var files = string.Join(' ', tasks.Select(file => $"/proc/{Environment.ProcessId}/fd/{file.Number}"));
        using var shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"for file in {files}; do echo 0 > $file; done; cat /proc/self/cgroup"])
        {
            RedirectStandardOutput = true,
        })!;
        var joined = shell.StandardOutput.ReadToEnd();
        shell.WaitForExit();
        Assert.Equal(tasks.Count, joined.Split('\n').Count(line => line.EndsWith(temporary.Group.Path, StringComparison.Ordinal)));
        foreach (var file in tasks)
            file.Dispose();
    }

    [Fact]
    public void Statistics_count_what_runs_in_the_group()
    {
        using var temporary = new TemporaryCgroup(new LinuxResources { Pids = new PidsResources(50) });
        temporary.Start();
        var statistics = temporary.Group.ReadStatistics();
        Assert.Equal(new PidsStatistics(1, 50), statistics.Pids);
        Assert.NotNull(statistics.Cpu);
        Assert.NotEmpty(statistics.Memory!.Details);
        Assert.NotNull(statistics.BlockIo);
        Assert.Equal(0, temporary.Group.OomKillCount());
        Assert.Equal(ErrorKind.NotFound, Assert.Throws<GantryException>(() => temporary.Host.Open("/gantry-test-none").ReadStatistics()).Kind);
    }

    [Fact]
    public void A_kill_for_want_of_memory_is_counted()
    {
        using var temporary = new TemporaryCgroup(new LinuxResources { Memory = new MemoryResources { Limit = 8 << 20, Swap = 8 << 20 } });
        var folder = temporary.Group.PathIn(temporary.Host.Hierarchies.First(tree => tree.Controllers.Contains("memory")));
        using var greedy = Process.Start("sh", ["-c", $"echo $$ > {folder}/cgroup.procs; exec head -c 64M /dev/zero | tail -c 64M > /dev/null"]);
        greedy.WaitForExit();
        Assert.Equal(1, temporary.Group.OomKillCount());
    }

    private static LinuxResources Limits(long memory, long swap) => new()
    {
        Devices = [new DeviceRule { Allow = false, Access = "rwm" }, new DeviceRule { Allow = true, Type = "c", Major = 10, Minor = 200, Access = "rwm" }],
        Memory = new MemoryResources { Limit = memory, Swap = swap },
        Cpu = new CpuResources { Quota = 50000, Period = 100000, Shares = 512, Cpus = "0" },
        Pids = new PidsResources(50),
    };
}
