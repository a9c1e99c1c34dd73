using Gantry.Os.Security;

namespace Gantry.Os.Tests.Security;

public sealed class RandomBytesTests
{
    [Fact]
    public void No_two_are_the_same()
    {
        var first = new byte[16];
        var second = new byte[16];
        RandomBytes.Fill(first);
        RandomBytes.Fill(second);
        Assert.NotEqual(first, second);
        Assert.NotEqual(new byte[16], first);
    }

    [Fact]
    public void More_than_the_kernel_gives_at_once_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(() => RandomBytes.Fill(new byte[257]));
}
