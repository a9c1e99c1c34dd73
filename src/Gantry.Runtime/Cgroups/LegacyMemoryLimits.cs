using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;

namespace Gantry.Runtime.Cgroups;

/// <summary>Limits of memory, version 1 (Documentation/admin-guide/cgroup-v1/memory.rst).</summary>
internal static class LegacyMemoryLimits
{
    private const string LimitFile = "memory.limit_in_bytes", SwapFile = "memory.memsw.limit_in_bytes";

    internal static void Apply(ControllerFolders folders, MemoryResources memory)
    {
        ApplyLimitAndSwap(folders, memory);
        if (memory.Reservation is { } reservation and not 0)
            folders.Need("memory", "the memory reservation").Write("memory.soft_limit_in_bytes", reservation);
        if (memory.KernelTcp is { } tcp and not 0)
            folders.NeedFile("memory", "memory.kmem.tcp.limit_in_bytes", "the limit of TCP buffers").Write("memory.kmem.tcp.limit_in_bytes", tcp);
        // Kernels since 5.16 refuse every value of this file; before, the limit was deprecated.
        if (memory.Kernel is > 0)
            folders.NeedFile("memory", "memory.kmem.limit_in_bytes", "the limit of kernel memory").Write("memory.kmem.limit_in_bytes", memory.Kernel.Value);
        if (memory.Swappiness is { } swappiness)
            folders.NeedFile("memory", "memory.swappiness", "swappiness").Write("memory.swappiness", swappiness);
        if (memory.DisableOomKiller is { } disable)
            folders.NeedFile("memory", "memory.oom_control", "the OOM killer").Write("memory.oom_control", disable ? "1" : "0");
        if (memory.UseHierarchy is { } hierarchy)
            folders.NeedFile("memory", "memory.use_hierarchy", "accounting of children").Write("memory.use_hierarchy", hierarchy ? "1" : "0");
    }

    /// <summary>
    /// The limit of memory may never be above that of memory and swap together: raising both, the latter goes first, lowering both, last.
    /// </summary>
    private static void ApplyLimitAndSwap(ControllerFolders folders, MemoryResources memory)
    {
        var limit = memory.Limit is 0 ? null : memory.Limit;
        // Unlimited memory under a limit of swap that was set with the old one could not be.
        var swap = memory.Swap is null or 0 && limit == -1 ? -1 : memory.Swap is 0 ? null : memory.Swap;
        if (limit is null && swap is null)
            return;

        var folder = folders.Need("memory", "the memory limit");
        if (limit is not null)
            RefuseBelowUsage(folder, limit.Value, memory.CheckBeforeUpdate == true);
        if (swap is not null && !folder.Exists(SwapFile))
        {
            if (swap != -1)
                throw GantryException.Invalid("cgroup: cannot set the swap limit: this kernel does not account swap (swapaccount=0)");
            swap = null;
        }
        if (limit is not null && swap is not null)
            folder.WriteTogether((LimitFile, Text(limit.Value)), (SwapFile, Text(swap.Value)));
        else if (limit is not null)
            folder.Write(LimitFile, limit.Value);
        else if (swap is not null)
            folder.Write(SwapFile, swap.Value);
    }

    private static void RefuseBelowUsage(CgroupFolder folder, long limit, bool check)
    {
        if (check && limit > 0 && long.TryParse(folder.TryReadText("memory.usage_in_bytes"), CultureInfo.InvariantCulture, out var usage) && usage > limit)
            throw GantryException.Invalid($"cgroup: cannot set the memory limit to {limit}: {usage} bytes are in use");
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
