using Gantry.Client.Connections;
using Gantry.Oci;

namespace Gantry.Client.Tests;

public class EngineAddressTests
{
    [Theory]
    [InlineData("unix:///run/x.sock", "/run/x.sock", "", 0)]
    [InlineData("tcp://host:1234", null, "host", 1234)]
    [InlineData("tcp://host", null, "host", 2375)]
    [InlineData("tcp://[::1]:99", null, "::1", 99)]
    [InlineData("tcp://[fe80::1]", null, "fe80::1", 2375)]
    [InlineData("http://host:80/", null, "host", 80)]
    public void Addresses_are_read(string text, string? path, string host, int port)
    {
        var address = EngineAddress.Parse(text);
        Assert.Equal((path, host, port), (address.SocketPath, address.Host, address.Port));
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("ftp://x")]
    [InlineData("tcp://x:notaport")]
    [InlineData("tcp://x:70000")]
    [InlineData("tcp://x/path")]
    [InlineData("ssh://")]
    [InlineData("ssh://user:password@x")]
    [InlineData("ssh://x/path")]
    [InlineData("ssh://-oProxyCommand=x")]
    public void What_is_no_address_is_refused(string text) => Assert.Throws<GantryException>(() => EngineAddress.Parse(text));

    [Theory]
    [InlineData("ssh://x", "-o ConnectTimeout=30 -T -- x")]
    [InlineData("ssh://me@x:22022", "-o ConnectTimeout=30 -T -l me -p 22022 -- x")]
    public void Through_ssh_the_other_host_s_client_is_asked(string text, string words)
    {
        var address = EngineAddress.Parse(text);
        Assert.True(address.IsSsh);
        Assert.Equal(words, string.Join(' ', SshStream.Arguments(address).SkipLast(1)));
    }
}
