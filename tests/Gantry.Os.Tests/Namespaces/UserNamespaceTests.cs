using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Os.Namespaces;

namespace Gantry.Os.Tests.Namespaces;

public sealed class UserNamespaceTests : IDisposable
{
    private const ulong IdMap = 0x100000;

    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-idmap-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Owners_appear_by_its_map_through_an_idmapped_mount()
    {
        // Who is in no range has no rights of the owner's, root neither.
        File.SetUnixFileMode(_folder, (UnixFileMode)0b111_101_101);
        File.WriteAllText(Path.Combine(_folder, "mine"), "");
        Assert.Equal(0, FileMetadata.TrySetOwner(null, KernelPath.FromText(Path.Combine(_folder, "mine")), 1234, 5678).Value);
        using var map = UserNamespace.Create([new IdRange(1234, 0, 1)], [new IdRange(5678, 7, 1), new IdRange(0, 100, 1)]);
        using var mount = DetachedMount.Clone(null, KernelPath.FromText(_folder));
        new MountAttributeChange(IdMap, 0, 0, (ulong)map.Number).Apply(mount, recursive: false, _folder);
        var status = FileStatusReader.Read(mount, "mine"u8);
        Assert.Equal((0u, 7u), (status.UserId, status.GroupId));
        Assert.Equal(65534u, FileStatusReader.Read(mount).UserId); // The folder's owner is in no range.
        Assert.Equal(100u, FileStatusReader.Read(mount).GroupId);
    }

    [Fact]
    public void Ranges_that_overlap_are_refused_and_leave_no_process()
    {
        Assert.Equal(
            Errno.EINVAL, Assert.Throws<OsException>(() => UserNamespace.Create([new IdRange(0, 0, 5), new IdRange(3, 50, 5)], [new IdRange(0, 0, 5)])).Errno);
        using var next = UserNamespace.Create([new IdRange(0, 0, 5)], [new IdRange(0, 0, 5)]);
    }
}
