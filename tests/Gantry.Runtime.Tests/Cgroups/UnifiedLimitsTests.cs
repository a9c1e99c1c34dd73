using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Runtime.Cgroups;

namespace Gantry.Runtime.Tests.Cgroups;

public sealed class UnifiedLimitsTests : IDisposable
{
    private readonly FakeCgroupTree _tree = new("cpuset cpu io memory hugetlb pids");

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1024, 100)]
    [InlineData(262144, 10000)]
    [InlineData(0xffffffff, 10000)]
    public void Shares_become_weights_through_the_agreed_points(ulong shares, ulong weight) =>
        Assert.Equal(weight, UnifiedLimits.WeightOfShares(shares));

    [Theory]
    [InlineData(64, 128, "64", "64")]
    [InlineData(64, 64, "64", "0")]
    [InlineData(64, -1, "64", "max")]
    [InlineData(64, null, "64", "")]
    [InlineData(-1, null, "max", "max")]
    public void Memory_and_swap_together_become_swap_alone(int limit, int? together, string memory, string swap)
    {
        _tree.Group("memory.max", "memory.swap.max", "memory.low")
            .Update(new LinuxResources { Memory = new MemoryResources { Limit = limit, Swap = together, Reservation = 32 } });
        Assert.Equal(memory, _tree.Read("/a/b/memory.max"));
        Assert.Equal(swap, _tree.Read("/a/b/memory.swap.max"));
        Assert.Equal("32", _tree.Read("/a/b/memory.low"));
    }

    [Fact]
    public void A_swap_limit_alone_counts_from_the_present_memory_limit()
    {
        var group = _tree.Group("memory.swap.max");
        _tree.Write("/a/b/memory.max", "100\n");
        group.Update(new LinuxResources { Memory = new MemoryResources { Swap = 150 } });
        Assert.Equal("50", _tree.Read("/a/b/memory.swap.max"));
    }

    [Theory]
    [InlineData(50000L, 100000UL, "50000 100000")]
    [InlineData(50000L, null, "50000")]
    [InlineData(-1L, null, "max")]
    [InlineData(null, 20000UL, "70000 20000")]
    public void A_quota_keeps_the_part_that_is_not_given(long? quota, ulong? period, string written)
    {
        var group = _tree.Group();
        _tree.Write("/a/b/cpu.max", "70000 100000");
        group.Update(new LinuxResources { Cpu = new CpuResources { Quota = quota, Period = period } });
        Assert.StartsWith(written, _tree.Read("/a/b/cpu.max"), StringComparison.Ordinal);
    }

    [Fact]
    public void Tasks_processors_devices_and_pages_have_their_files()
    {
        var group = _tree.Group("pids.max", "cpuset.cpus", "cpuset.mems", "io.weight", "io.max", "hugetlb.2MB.max", "memory.high", "cpu.weight");
        group.Update(new LinuxResources
        {
            Pids = new PidsResources(50),
            Cpu = new CpuResources { Cpus = "0-1", Mems = "0", Shares = 512 },
            BlockIO = new BlockIoResources { Weight = 500, ThrottleReadBpsDevice = [new BlockIoThrottleDevice(8, 0, 1000)] },
            HugepageLimits = [new HugepageLimit("2MB", 4194304)],
            Unified = new Dictionary<string, string> { ["memory.high"] = "9000" },
        });
        Assert.Equal("50", _tree.Read("/a/b/pids.max"));
        Assert.Equal("0-1", _tree.Read("/a/b/cpuset.cpus"));
        Assert.Equal("0", _tree.Read("/a/b/cpuset.mems"));
        Assert.Equal("59", _tree.Read("/a/b/cpu.weight"));
        Assert.Equal("4950", _tree.Read("/a/b/io.weight"));
        Assert.Equal("8:0 rbps=1000", _tree.Read("/a/b/io.max"));
        Assert.Equal("4194304", _tree.Read("/a/b/hugetlb.2MB.max"));
        Assert.Equal("9000", _tree.Read("/a/b/memory.high"));
    }

    public static TheoryData<LinuxResources, string> Unsupported => new()
    {
        { new LinuxResources { Memory = new MemoryResources { Swappiness = 10 } }, "swappiness" },
        { new LinuxResources { Memory = new MemoryResources { DisableOomKiller = true } }, "OOM killer" },
        { new LinuxResources { Memory = new MemoryResources { Limit = -1, Swap = 5 } }, "without a memory limit" },
        { new LinuxResources { Memory = new MemoryResources { Limit = 10, Swap = 5 } }, "below" },
        { new LinuxResources { Cpu = new CpuResources { RealtimeRuntime = 10 } }, "real-time" },
        { new LinuxResources { Network = new NetworkResources { ClassId = 1 } }, "net_cls" },
        { new LinuxResources { Rdma = new Dictionary<string, RdmaResources> { ["mlx"] = new() { HcaHandles = 1 } } }, "rdma controller" },
        { new LinuxResources { Unified = new Dictionary<string, string> { ["misc.max"] = "1" } }, "misc controller" },
        { new LinuxResources { Unified = new Dictionary<string, string> { ["../x.y"] = "1" } }, "not a file" },
        { new LinuxResources { HugepageLimits = [new HugepageLimit("1GB", 1)] }, "hugetlb" },
    };

    [Theory]
    [MemberData(nameof(Unsupported))]
    public void What_cannot_be_set_is_refused_by_name(LinuxResources resources, string named)
    {
        var failure = Assert.Throws<GantryException>(() => _tree.Group().Update(resources));
        Assert.Contains(named, failure.Message);
        Assert.Equal(ErrorKind.InvalidArgument, failure.Kind);
    }

    [Fact]
    public void Controllers_are_turned_on_along_the_path()
    {
        foreach (var file in new[] { "/a/b/cgroup.controllers", "/a/cgroup.controllers", "/a/cgroup.subtree_control" })
            _tree.Write(file, "");
        _tree.Write("/a/b/cgroup.procs", "");
        _tree.Host.Create("/a/b");
        // A plain file keeps only the last of the writes, of which there is one for each controller.
        Assert.StartsWith("+", _tree.Read("/cgroup.subtree_control"));
        Assert.StartsWith("+", _tree.Read("/a/cgroup.subtree_control"));
    }

    [Fact]
    public void Statistics_are_read_in_docker_s_units()
    {
        var group = _tree.Group();
        _tree.Write("/a/b/cpu.stat", "usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 3\nnr_throttled 2\nthrottled_usec 1\n");
        _tree.Write("/a/b/memory.current", "4096\n");
        _tree.Write("/a/b/memory.max", "max\n");
        _tree.Write("/a/b/memory.stat", "anon 1024\nfile 2048\n");
        _tree.Write("/a/b/memory.events", "low 0\noom 2\noom_kill 1\n");
        _tree.Write("/a/b/pids.current", "5\n");
        _tree.Write("/a/b/pids.max", "50\n");
        _tree.Write("/a/b/io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n");

        var statistics = group.ReadStatistics();
        Assert.Equal(new CpuStatistics(30000, 20000, 10000, null, 3, 2, 1000), statistics.Cpu);
        Assert.Equal(4096ul, statistics.Memory!.Usage);
        Assert.Null(statistics.Memory.Limit);
        Assert.Equal(2048ul, statistics.Memory.Details["file"]);
        Assert.Equal(new PidsStatistics(5, 50), statistics.Pids);
        Assert.Equal([new BlockIoEntry(8, 0, "read", 1), new BlockIoEntry(8, 0, "write", 2)], statistics.BlockIo!.ServiceBytes);
        Assert.Equal([new BlockIoEntry(8, 0, "read", 3), new BlockIoEntry(8, 0, "write", 4)], statistics.BlockIo.Serviced);
        Assert.Equal(1, group.OomKillCount());
    }
}
