using Gantry.Api.Model;
using Gantry.Engine.Create;
using Gantry.Oci;

namespace Gantry.Engine.Tests.Create;

public sealed class ConfigValidatorTests
{
    [Theory]
    [InlineData("x"), InlineData(""), InlineData("1.2.3"), InlineData("1.2.3.4.5")]
    public void A_server_of_names_has_an_address(string server) =>
        Assert.Equal($"bad nameserver address {server}: ParseAddr(\"{server}\"): unable to parse IP",
            Problem(new HostConfig { Dns = ["1.1.1.1", "::1", server] }));

    [Fact]
    public void A_console_has_two_sides_that_are_not_negative()
    {
        Assert.Equal("invalid JSON: json: cannot unmarshal number -3 into .HostConfig.ConsoleSize.1 of type uint",
            Problem(new HostConfig { ConsoleSize = [1, -3] }));
        Assert.Equal([5, 0], new HostConfig { ConsoleSize = [5] }.ConsoleSize);
        Assert.Equal([5, 6], new HostConfig { ConsoleSize = [5, 6, 7] }.ConsoleSize);
    }

    [Theory]
    [InlineData("writable-cgroups=perhaps"), InlineData("no-new-privileges=perhaps")]
    public void A_security_option_is_true_or_false(string option) =>
        Assert.Equal($"invalid --security-opt 2: \"{option}\"",
            Problem(new HostConfig { SecurityOpt = ["writable-cgroups", "writable-cgroups=false", option] }));

    private static string Problem(HostConfig host)
    {
        var error = Assert.Throws<GantryException>(() => ConfigValidator.Check(new ContainerConfig(), host, null));
        Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
        return error.Message;
    }
}
