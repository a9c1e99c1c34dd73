using Gantry.Build.Cache;
using Gantry.Oci;
using Gantry.Oci.Filters;

namespace Gantry.Build.Tests.Cache;

public class CacheSelectionTests
{
    private static readonly CacheUsage s_mount = new()
    {
        Id = "0123abcd", Kind = CacheKind.Mount, Description = "cached mount /c from exec make", Size = 1, CreatedAt = DateTimeOffset.UnixEpoch,
        LastUsedAt = DateTimeOffset.UnixEpoch, Uses = 1,
    };

    [Theory]
    [InlineData(true)]
    [InlineData(true, "")]
    [InlineData(true, "type==exec.cachemount")]
    [InlineData(false, "type!=exec.cachemount")]
    [InlineData(true, "type==exec.cachemount,id~=^0123")]
    [InlineData(false, "type==exec.cachemount,id~=^4")]
    [InlineData(true, "type==regular", "id~=abcd$")]
    [InlineData(true, "mutable,private")]
    [InlineData(false, "immutable")]
    [InlineData(false, "shared==true")]
    [InlineData(true, "shared==0")]
    [InlineData(true, "description~=\"from exec\"")]
    public void Filters_choose_as_BuildKit_does(bool expected, params string[] filters) => Assert.Equal(expected, s_mount.Matches(RecordFilter.Parse(filters)));

    [Theory]
    [InlineData("color==red", "invalid filter 'color==red'")]
    [InlineData("id~=(", "invalid filter 'id~=('")]
    public void What_no_filter_can_be_is_refused(string filter, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<GantryException>(() => s_mount.Matches(RecordFilter.Parse([filter]))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 0, 0, 0)]
    [InlineData(60, 0, 0, 60)]
    [InlineData(0, 30, 0, 30)]
    [InlineData(60, 80, 0, 80)]
    [InlineData(0, 0, 5, long.MaxValue)] // So much is free already.
    [InlineData(0, 0, 40, 70)] // 30 of 100 have to go.
    [InlineData(60, 0, 40, 60)]
    [InlineData(0, 90, 40, 90)]
    [InlineData(0, 0, 500, 0)]
    public void Bounds_keep_as_BuildKit_does(long most, long reserved, long free, long expected) =>
        Assert.Equal(expected, new CacheBounds(most, reserved, free).Keep(used: 100, free: 10));

    [Fact]
    public void What_is_used_or_of_an_image_or_new_stays()
    {
        Assert.True(new CacheSelection().MayGo(s_mount));
        Assert.False(new CacheSelection().MayGo(s_mount with { IsInUse = true }));
        Assert.False(new CacheSelection().MayGo(s_mount with { IsShared = true }));
        Assert.True(new CacheSelection { All = true }.MayGo(s_mount with { IsShared = true }));
        Assert.False(new CacheSelection { UnusedSince = DateTimeOffset.UnixEpoch }.MayGo(s_mount));
    }
}
