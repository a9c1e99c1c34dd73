using Gantry.Engine.Mounts;
using Gantry.Oci.Runtime;

namespace Gantry.Engine.Tests.Mounts;

public sealed class BindIdMapTests
{
    [Theory]
    [InlineData(1000u, 0u)]
    [InlineData(0u, 1000u)]
    [InlineData(5u, 6u)]
    [InlineData(0u, 4294967294u)]
    [InlineData(4294967294u, 33u)]
    public void One_owner_appears_as_another_and_all_others_as_they_are(uint onDisk, uint inside)
    {
        var ranges = BindIdMap.Match(onDisk, inside);
        Assert.Equal(inside, Seen(ranges, onDisk));
        Assert.Null(Seen(ranges, inside)); // Its files are nobody's.
        Assert.DoesNotContain(ranges, range => range.HostID <= onDisk && onDisk - range.HostID < range.Size); // And what that user makes is refused.
        foreach (var id in (uint[])[0, 1, 4, 7, 32, 34, 999, 1001, 4294967293, 4294967294])
        {
            if (id != onDisk && id != inside)
                Assert.Equal(id, Seen(ranges, id));
        }
        Assert.All(ranges, range => Assert.True(range.ContainerID + (ulong)range.Size <= uint.MaxValue));
    }

    [Fact]
    public void The_same_user_needs_no_change() => Assert.Equal([new IdMapping(0, 0, uint.MaxValue)], BindIdMap.Match(7, 7));

    private static uint? Seen(IReadOnlyList<IdMapping> ranges, uint onDisk) =>
        ranges.FirstOrDefault(range => onDisk >= range.ContainerID && onDisk - range.ContainerID < range.Size) is { } range
            ? onDisk - range.ContainerID + range.HostID : null;
}
