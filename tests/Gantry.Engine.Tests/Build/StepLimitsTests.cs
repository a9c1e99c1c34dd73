using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.Engine.Build;
using Gantry.Oci;

namespace Gantry.Engine.Tests.Build;

public class StepLimitsTests
{
    public static TheoryData<FrontendOptions, string> Wrong => new()
    {
        { new FrontendOptions { Resources = new StepResources { Memory = 1000 } }, "Minimum memory limit allowed is 6MB" },
        { new FrontendOptions { Resources = new StepResources { MemorySwap = 1 } },
            "You should always set the Memory limit when using Memoryswap limit, see usage" },
        { new FrontendOptions { Resources = new StepResources { CpuQuota = 10 } }, "CPU cfs quota can not be less than 1ms (i.e. 1000)" },
        { new FrontendOptions { Resources = new StepResources { CpusetCpus = "zz" } }, "Invalid value zz for cpuset cpus: invalid format: zz" },
        { new FrontendOptions { ShmSize = -1 }, "SHM size can not be less than 0" },
        { new FrontendOptions { ExtraHosts = ["name"] }, "bad format for add-host: \"name\"" },
        { new FrontendOptions { ExtraHosts = ["name:1.2.3"] }, "invalid IP address in add-host: \"1.2.3\"" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_goes_for_containers_goes_for_steps(FrontendOptions options, string message) =>
        Assert.Equal(message, Assert.Throws<GantryException>(() => StepLimits.Check(options)).Message);

    [Fact]
    public void What_is_in_range_is_taken() => StepLimits.Check(new FrontendOptions
    {
        Resources = new StepResources { Memory = 64 << 20, MemorySwap = -1, CpuShares = 512, CpuPeriod = 50_000, CpuQuota = 25_000, CpusetCpus = "0" },
        ShmSize = 1 << 20, ExtraHosts = ["one:1.2.3.4", "two:::1", "three:host-gateway"],
    });
}
