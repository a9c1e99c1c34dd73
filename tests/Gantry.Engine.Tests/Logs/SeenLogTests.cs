using Gantry.Engine.Logs.Keeping;

namespace Gantry.Engine.Tests.Logs;

public sealed class SeenLogTests : IDisposable
{
    private readonly LogFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void There_is_something_new_after_each_change_and_only_then()
    {
        var seen = new SeenLog(_folder.Place);
        Assert.True(seen.Refresh());
        Assert.False(seen.Refresh());
        Assert.Empty(seen.Files);

        Expect(10, 1, () => _folder.Append("123456789\n"));
        Expect(20, 1, () => _folder.Append("123456789\n"));
        Expect(20, 2, () => _folder.Rotate(3));
        Expect(25, 2, () => _folder.Append("1234\n"));
        Expect(5, 1, () => File.Delete(_folder.Path + ".1"));

        void Expect(long length, int files, Action change)
        {
            change();
            Assert.True(seen.Refresh());
            Assert.Equal((length, files), (seen.Length, seen.Files.Count));
            Assert.False(seen.Refresh());
        }
    }

    [Fact]
    public void To_look_again_takes_no_memory()
    {
        _folder.Append("line\n");
        var seen = new SeenLog(_folder.Place);
        seen.Refresh();
        seen.Refresh();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
            seen.Refresh();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
