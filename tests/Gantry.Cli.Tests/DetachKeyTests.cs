using Gantry.Cli.Commands.Containers.Attaching;

namespace Gantry.Cli.Tests;

public class DetachKeyTests
{
    [Fact]
    public void Keys_are_read() => Assert.Equal([16, 17, (byte)'a', 27], DetachKeys.Parse("ctrl-p,ctrl-q,a,ctrl-["));

    [Theory]
    [InlineData("ctrl-")]
    [InlineData("ctrl-1")]
    [InlineData("ab")]
    [InlineData("")]
    public void What_is_no_key(string text) => Assert.Throws<CommandException>(() => DetachKeys.Parse(text));

    /// <summary>The filter lets everything before the sequence through, wherever reads cut it.</summary>
    [Fact]
    public void The_sequence_is_found_in_any_pieces()
    {
        var random = new Random(6);
        for (var round = 0; round < 2000; round++)
        {
            byte[] keys = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => (byte)random.Next(1, 4))];
            var input = new byte[random.Next(0, 30)];
            for (var at = 0; at < input.Length; at++)
                input[at] = (byte)random.Next(1, 5);
            var filter = new DetachKeyFilter(keys);
            var output = new List<byte>();
            var found = false;
            for (var at = 0; at < input.Length && !found;)
            {
                var size = Math.Min(random.Next(1, 5), input.Length - at);
                found = filter.Process(input.AsSpan(at, size), output);
                at += size;
            }
            var expected = ((ReadOnlySpan<byte>)input).IndexOf(keys);
            if (found)
                Assert.Equal(input[..output.Count], output);
            // Docker's filter too starts over after a wrong key, so that a sequence that overlaps itself may be missed, but none is made up.
            if (expected < 0)
                Assert.False(found);
            if (keys.Distinct().Count() == keys.Length)
                Assert.Equal(expected >= 0, found);
        }
    }
}
