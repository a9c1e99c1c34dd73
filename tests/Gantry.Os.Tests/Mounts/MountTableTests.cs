using Gantry.Os.Mounts;

namespace Gantry.Os.Tests.Mounts;

public sealed class MountTableTests
{
    private const string Text = """
        22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
        30 22 0:5 / /srv/a\040b\134c\011 rw master:3 - tmpfs tmpfs rw
        31 22 0:6 / /srv rw shared:7 master:3 propagate_from:1 - nfs4 host:/x rw
        32 31 0:7 / /srv/data/ü rw - overlay overlay rw

        """;

    [Fact]
    public void Mounts_are_read_as_the_kernel_tells_them()
    {
        var mounts = MountTable.Parse(Text);
        Assert.Equal(
            [new(22, "/", "ext4", true, false), new(30, "/srv/a b\\c\t", "tmpfs", false, true), new(31, "/srv", "nfs4", true, true),
                new(32, "/srv/data/ü", "overlay", false, false)],
            mounts);
        Assert.Equal("/srv", MountTable.Find(mounts, "/srv/data/x")!.MountPoint);
        Assert.Equal("/", MountTable.Find(mounts, "/srvx")!.MountPoint);
        Assert.Equal("/srv/data/ü", MountTable.Find(mounts, "/srv/data/ü/deep/down")!.MountPoint);
    }

    [Fact]
    public void This_machine_has_a_root() => Assert.NotNull(MountTable.Find(MountTable.Read(), "/"));
}
