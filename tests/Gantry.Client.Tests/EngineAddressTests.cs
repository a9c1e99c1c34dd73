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
    [InlineData("ssh://x")]
    public void What_is_no_address_is_refused(string text) => Assert.Throws<GantryException>(() => EngineAddress.Parse(text));
}
