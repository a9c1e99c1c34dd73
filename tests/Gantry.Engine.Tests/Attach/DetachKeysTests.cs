using System.Text;
using Gantry.Engine.Attach;
using Gantry.Oci;

namespace Gantry.Engine.Tests.Attach;

public sealed class DetachKeysTests
{
    [Theory]
    [InlineData(null, "abc\x10\x11", true, "abc")]
    [InlineData(null, "\x10x\x11", false, "\x10x\x11")]
    [InlineData(null, "\x10\x10\x11", true, "\x10")]
    [InlineData("ctrl-a,x", "ab\u0001xc", true, "ab")]
    [InlineData("q", "abq", true, "ab")]
    [InlineData("ctrl-@", "a\0b", true, "a")]
    public void Finds_the_sequence_and_passes_the_rest_on(string? keys, string typed, bool detached, string passed)
    {
        var whole = new List<byte>();
        Assert.Equal(detached, DetachKeys.Parse(keys).Filter(Encoding.ASCII.GetBytes(typed), whole));
        Assert.Equal(passed, Encoding.ASCII.GetString([.. whole]));

        // The same when it comes byte by byte, as from a person.
        var single = new List<byte>();
        var parser = DetachKeys.Parse(keys);
        Assert.Equal(detached, Encoding.ASCII.GetBytes(typed).Any(b => parser.Filter([b], single)));
        Assert.Equal(passed, Encoding.ASCII.GetString([.. single]));
    }

    [Theory]
    [InlineData("ctrl-")]
    [InlineData("ctrl-1")]
    [InlineData("ab")]
    [InlineData("a,,b")]
    public void Refuses_what_is_no_key(string keys) =>
        Assert.Equal($"Invalid detach keys ({keys}) provided", Assert.Throws<GantryException>(() => DetachKeys.Parse(keys)).Message);
}
