using Gantry.Oci;
using Gantry.Runtime.Cgroups;

namespace Gantry.Runtime.Tests.Cgroups;

public class CgroupMountTableTests
{
    [Fact]
    public void A_hybrid_machine_has_both_versions()
    {
        var host = CgroupHost.FromMounts(
            """
            31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
            32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
            35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
            40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,xattr,name=systemd
            41 31 0:38 / /sys/fs/cgroup/foreign rw,relatime - cgroup cgroup rw,name=foreign
            42 31 0:39 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
            43 31 0:32 / /elsewhere/with\040blank rw,relatime - cgroup cgroup rw,memory
            """);
        Assert.Equal(CgroupLayout.Hybrid, host.Layout);
        Assert.Equal(["cpu,cpuacct", "memory", "systemd", "unified"], host.Hierarchies.Select(hierarchy => hierarchy.FolderName));
        Assert.Equal(["cpu,cpuacct", "memory", "none,name=systemd", ""], host.Hierarchies.Select(hierarchy => hierarchy.MountOptions));
    }

    [Fact]
    public void One_tree_of_version_2_is_preferred_where_it_customarily_is()
    {
        var host = CgroupHost.FromMounts(
            """
            30 23 0:26 / /run/other\040place rw - cgroup2 none rw
            31 23 0:26 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw,nsdelegate
            """);
        Assert.Equal(CgroupLayout.Unified, host.Layout);
        Assert.Equal("/sys/fs/cgroup", Assert.Single(host.Hierarchies).MountPoint);
    }

    [Fact]
    public void A_machine_without_control_groups_is_told_so() =>
        Assert.Equal(ErrorKind.Unavailable, Assert.Throws<GantryException>(() => CgroupHost.FromMounts("")).Kind);

    [Theory]
    [InlineData("gantry/x")]
    [InlineData("/")]
    [InlineData("/gantry/../x")]
    [InlineData("system.slice:docker:x")]
    public void Paths_that_lead_elsewhere_are_refused(string path)
    {
        var host = CgroupHost.FromMounts("31 23 0:26 / /sys/fs/cgroup rw,relatime - cgroup2 cgroup2 rw");
        Assert.Throws<GantryException>(() => host.Open(path));
    }
}
