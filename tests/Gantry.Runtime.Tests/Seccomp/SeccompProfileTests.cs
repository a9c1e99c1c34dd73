using System.Text;
using Gantry.Oci;
using Gantry.Runtime.Seccomp;

namespace Gantry.Runtime.Tests.Seccomp;

public class SeccompProfileTests
{
    private static readonly KernelVersion Kernel = new(6, 18);

    [Fact]
    public void The_default_names_the_architectures_of_the_machine()
    {
        var profile = SeccompProfile.LoadDefault();
        Assert.Equal(["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"], profile.Resolve([], "amd64", Kernel).Architectures);
        Assert.Equal(["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"], profile.Resolve([], "arm64", Kernel).Architectures);
    }

    [Fact]
    public void Rules_depend_on_capabilities_architecture_and_kernel()
    {
        var profile = Parse(
            """
            {"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
              {"name": "a", "action": "SCMP_ACT_ALLOW", "comment": "old form", "args": []},
              {"names": ["b"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_X", "CAP_Y"]}},
              {"names": ["c"], "action": "SCMP_ACT_ALLOW", "excludes": {"caps": ["CAP_X", "CAP_Y"]}},
              {"names": ["d"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": ["arm64"], "caps": null}},
              {"names": ["e"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.18"}, "excludes": {}},
              {"names": ["f"], "action": "SCMP_ACT_ALLOW", "excludes": {"minKernel": "6.2"}}
            ]}
            """);
        Assert.Equal("a,c,e", Names(profile, [], Kernel));
        Assert.Equal("a,e", Names(profile, ["CAP_X"], Kernel));
        Assert.Equal("a,b,e", Names(profile, ["CAP_X", "CAP_Y"], Kernel));
        Assert.Equal("a,c,f", Names(profile, [], new KernelVersion(5, 99)));
    }

    [Theory]
    [InlineData("{", "Decoding seccomp profile failed")]
    [InlineData("null", "Decoding seccomp profile failed")]
    [InlineData("""{"architectures": ["SCMP_ARCH_X86"], "archMap": [{"architecture": "SCMP_ARCH_X86"}]}""", "use either 'architectures' or 'archMap'")]
    [InlineData("""{"syscalls": [{"name": "a", "names": ["b"], "action": "SCMP_ACT_ALLOW"}]}""", "use either 'name' or 'names'")]
    [InlineData("""{"syscalls": [{"names": ["b"], "includes": {"minKernel": "six"}}]}""", "invalid kernel version \"six\"")]
    public void What_is_not_a_profile_is_refused(string json, string message) =>
        Assert.Contains(message, Assert.Throws<GantryException>(() => Parse(json)).Message);

    private static SeccompProfile Parse(string json) => SeccompProfile.Parse(Encoding.UTF8.GetBytes(json));

    private static string Names(SeccompProfile profile, string[] capabilities, KernelVersion kernel) =>
        string.Join(',', profile.Resolve(capabilities, "amd64", kernel).Syscalls!.SelectMany(rule => rule.Names!));
}
