using System.Text;
using Gantry.Engine.Migrate;

namespace Gantry.Engine.Tests.Migrate;

public sealed class BoltFileTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_bucket_is_read_from_the_newest_root(bool inline)
    {
        var file = new BoltFile(BoltBuilder.Build("volumes", inline, ("a", "one"u8.ToArray()), ("b", "two"u8.ToArray())));
        Assert.Equal(["a=one", "b=two"], file.ReadBucket("volumes"u8)
            .Select(item => $"{Encoding.UTF8.GetString(item.Key)}={Encoding.UTF8.GetString(item.Value)}"));
        Assert.Empty(file.ReadBucket("others"u8));
    }

    [Fact]
    public void A_torn_newest_root_gives_way_to_the_other()
    {
        var content = BoltBuilder.Build("volumes", inline: true, ("a", "one"u8.ToArray()));
        content[BoltBuilder.PageSize + 20]++;
        // The other one leads to a page that is not there.
        Assert.Throws<InvalidDataException>(() => new BoltFile(content).ReadBucket("volumes"u8));
    }

    [Fact]
    public void Pages_that_go_in_a_circle_end()
    {
        var content = BoltBuilder.Build("volumes", inline: false, ("a", "one"u8.ToArray()), ("b", "two"u8.ToArray()));
        // The branch, the last page, has itself as its first child.
        content[content.Length - BoltBuilder.PageSize + 16 + 8] = (byte)(content.Length / BoltBuilder.PageSize - 1);
        Assert.Throws<InvalidDataException>(() => new BoltFile(content).ReadBucket("volumes"u8));
    }

    [Fact]
    public void Whatever_is_damaged_is_an_error_and_nothing_else()
    {
        var whole = BoltBuilder.Build("volumes", inline: false, ("a", "one"u8.ToArray()), ("b", "two"u8.ToArray()));
        var random = new Random(1);
        for (var i = 0; i < 2000; i++)
        {
            var content = whole.ToArray();
            for (var changes = 0; changes < 4; changes++)
                content[random.Next(BoltBuilder.PageSize * 3, content.Length) / 64 * 64 + random.Next(48)] = (byte)random.Next(256);
            try
            {
                new BoltFile(content.AsMemory(0, random.Next(content.Length + 1))).ReadBucket("volumes"u8);
            }
            catch (InvalidDataException)
            {
                // What is expected of damage.
            }
        }
    }
}
