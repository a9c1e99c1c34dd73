using System.Globalization;
using System.Text;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Create;

/// <summary>
/// What is written through /proc: while the host's is still there. The same files seen through the container's own /proc could have been
/// covered or replaced by its image or its volumes (CVE-2025-52881). The kernel applies all of them to the namespaces of whoever
/// writes.
/// </summary>
internal static class HostProcSteps
{
    private const long AT_FDCWD = -100, O_WRONLY_CLOEXEC = 0x80001;

    private static readonly string[] IpcParameters =
        ["kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced"];

    /// <summary>The OOM killer's adjustment. A value below the inherited one needs CAP_SYS_RESOURCE: without it the inherited one stays.</summary>
    internal static void AdjustOomScore(ProcessProgramBuilder builder, int? adjustment)
    {
        if (adjustment is { } value)
            Write(builder, $"set oom_score_adj to {value}", "/proc/self/oom_score_adj", value.ToString(CultureInfo.InvariantCulture), Errno.EACCES);
    }

    /// <summary>Kernel parameters, those that belong to a namespace of the container's own.</summary>
    /// <exception cref="GantryException">A parameter is the host's.</exception>
    internal static void SetParameters(ProcessProgramBuilder builder, RuntimeSpec spec)
    {
        foreach (var (name, value) in spec.Linux?.Sysctl ?? new Dictionary<string, string>())
        {
            // sysctl(8): the separator that comes first is the separator; the other one is part of a name, as in net/ipv4/conf/eth0.1/forwarding.
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var dotted = slash < 0 || (dot >= 0 && dot < slash);
            var path = dotted ? name.Replace('.', '\0').Replace('/', '.').Replace('\0', '/') : name;
            Require(spec, name, path);
            Write(builder, $"set sysctl {name}", "/proc/sys/" + path, value);
        }
    }

    private static void Require(RuntimeSpec spec, string name, string path)
    {
        var key = path.Replace('/', '.');
        var needed = key switch
        {
            _ when path.Split('/').Contains("..") => throw GantryException.Invalid($"sysctl \"{name}\" is not allowed"),
            _ when key.StartsWith("net.", StringComparison.Ordinal) => "network",
            _ when key.StartsWith("fs.mqueue.", StringComparison.Ordinal) || IpcParameters.Contains(key) => "ipc",
            "kernel.domainname" => "uts",
            // It has a member of its own in the configuration.
            "kernel.hostname" => throw GantryException.Invalid($"sysctl \"{name}\" is not allowed as it conflicts with the OCI \"hostname\" field"),
            _ => throw GantryException.Invalid($"sysctl \"{name}\" is not in a separate kernel namespace"),
        };
        if (spec.Linux?.Namespaces?.Any(entry => entry.Type == needed) != true)
            throw GantryException.Invalid($"sysctl \"{name}\" is not allowed in the hosts {needed} namespace");
    }

    private static void Write(ProcessProgramBuilder builder, string stage, string path, string value, params ReadOnlySpan<Errno> tolerated)
    {
        builder.Call(stage, SystemCall.Openat, AT_FDCWD, builder.Text(path), O_WRONLY_CLOEXEC, 0).Into(ProgramWriter.Target);
        builder.Call(stage, SystemCall.Write, ProgramWriter.Target, builder.Text(value), Encoding.UTF8.GetByteCount(value)).Tolerate(tolerated);
        builder.Call(stage, SystemCall.Close, ProgramWriter.Target);
    }
}
