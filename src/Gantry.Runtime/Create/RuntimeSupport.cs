using Gantry.Oci.Runtime;
using Gantry.Runtime.Rootfs;
using Gantry.Runtime.Stages;

namespace Gantry.Runtime.Create;

/// <summary>What this runtime understands of the runtime specification.</summary>
public static class RuntimeSupport
{
    /// <summary>The newest version of the specification that is understood.</summary>
    public const string Specification = "1.2.1";

    /// <summary>The document of features.md.</summary>
    public static RuntimeFeatures Describe() => new()
    {
        OciVersionMin = "1.0.0",
        OciVersionMax = Specification,
        Hooks = ["prestart", "createRuntime", "createContainer", "startContainer", "poststart", "poststop"],
        MountOptions = [.. MountOptions.Known],
        Linux = new LinuxFeatures
        {
            Namespaces = NamespaceSteps.Supported,
            Capabilities = CapabilityNames.All,
            Cgroup = new CgroupFeatures { V1 = true, V2 = true, Rdma = true },
            Seccomp = new SeccompFeatures
            {
                Enabled = true,
                Actions =
                [
                    "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD", "SCMP_ACT_LOG",
                    "SCMP_ACT_TRACE", "SCMP_ACT_TRAP",
                ],
                Operators = ["SCMP_CMP_EQ", "SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_LE", "SCMP_CMP_LT", "SCMP_CMP_MASKED_EQ", "SCMP_CMP_NE"],
                Archs = ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM", "SCMP_ARCH_X32", "SCMP_ARCH_X86", "SCMP_ARCH_X86_64"],
                KnownFlags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC",
                    "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"],
                SupportedFlags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW", "SECCOMP_FILTER_FLAG_TSYNC"],
            },
            Apparmor = new FeatureFlag(false),
            Selinux = new FeatureFlag(false),
            IntelRdt = new FeatureFlag(false),
            MountExtensions = new MountExtensionFeatures(new FeatureFlag(false)),
            NetDevices = new FeatureFlag(false),
        },
    };
}
