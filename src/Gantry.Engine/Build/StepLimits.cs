using Gantry.Api.Model;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Engine.Create;
using Gantry.Engine.Spec;
using Gantry.Oci;

namespace Gantry.Engine.Build;

/// <summary>Checks what steps of a build are given, by the rules and in the words that go for containers.</summary>
public static class StepLimits
{
    /// <exception cref="GantryException">Something is out of range or malformed.</exception>
    public static void Check(FrontendOptions options)
    {
        var resources = options.Resources;
        ConfigValidator.CheckResources(new HostConfig
        {
            Memory = resources.Memory,
            MemorySwap = resources.MemorySwap,
            CpuShares = resources.CpuShares,
            CpuPeriod = resources.CpuPeriod,
            CpuQuota = resources.CpuQuota,
            CpusetCpus = resources.CpusetCpus,
            CpusetMems = resources.CpusetMems,
            ShmSize = options.ShmSize,
        });
        foreach (var host in options.ExtraHosts)
            EtcFiles.CheckExtraHost(host);
    }
}
