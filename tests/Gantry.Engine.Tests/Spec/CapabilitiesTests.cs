using Gantry.Engine.Spec;
using Gantry.Oci;

namespace Gantry.Engine.Tests.Spec;

public sealed class CapabilitiesTests
{
    private const ulong All = (1ul << 41) - 1;

    [Fact]
    public void The_default_are_docker_s_fourteen() => Assert.Equal(14, Capabilities.Resolve(All, false, null, null).Count);

    [Fact]
    public void Names_are_added_and_dropped_in_any_spelling()
    {
        var result = Capabilities.Resolve(All, false, ["net_admin", "CAP_SYS_TIME"], ["chown", "Kill"]);
        Assert.Contains("CAP_NET_ADMIN", result);
        Assert.Contains("CAP_SYS_TIME", result);
        Assert.DoesNotContain("CAP_CHOWN", result);
        Assert.DoesNotContain("CAP_KILL", result);
    }

    [Fact]
    public void Dropping_all_leaves_what_is_added() => Assert.Equal(["CAP_CHOWN"], Capabilities.Resolve(All, false, ["CHOWN"], ["ALL"]));

    [Fact]
    public void Adding_all_gives_all_but_what_is_dropped()
    {
        var result = Capabilities.Resolve(All, false, ["ALL"], ["SYS_ADMIN"]);
        Assert.Equal(40, result.Count);
        Assert.DoesNotContain("CAP_SYS_ADMIN", result);
    }

    [Fact]
    public void Privileged_is_what_the_daemon_has() => Assert.Equal(["CAP_CHOWN", "CAP_DAC_OVERRIDE"], Capabilities.Resolve(3, true, null, ["CHOWN"]));

    [Fact]
    public void An_unknown_name_is_refused() =>
        Assert.Contains("FLY", Assert.Throws<GantryException>(() => Capabilities.Resolve(All, false, ["FLY"], null)).Message);
}
