using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Runtime.Cgroups;

/// <summary>Limits of memory, version 2.</summary>
internal static class UnifiedMemoryLimits
{
    internal static void Apply(ControllerFolders folders, MemoryResources memory)
    {
        RefuseUnsupported(memory);
        var limit = memory.Limit is 0 ? null : memory.Limit;
        if (limit is not null)
        {
            var folder = folders.Need("memory", "the memory limit");
            RefuseBelowUsage(folder, limit.Value, memory.CheckBeforeUpdate == true);
            ApplySwap(folders, SwapAlone(limit, memory.Swap is 0 ? null : memory.Swap));
            folder.Write("memory.max", Text(limit.Value));
        }
        else if (memory.Swap is { } swap and not 0)
        {
            // The specification's value counts memory too, which is the limit set before.
            var present = folders.Need("memory", "the swap limit").TryReadText("memory.max");
            ApplySwap(folders, SwapAlone(long.TryParse(present, CultureInfo.InvariantCulture, out var bytes) ? bytes : -1, swap));
        }
        if (memory.Reservation is { } reservation and not 0)
            folders.Need("memory", "the memory reservation").Write("memory.low", Text(reservation));
    }

    /// <summary>The limit of swap by itself, of that of memory and swap together; null: leave it; -1: none.</summary>
    private static long? SwapAlone(long? limit, long? together) => (limit, together) switch
    {
        (-1, null) or (_, -1) => -1,
        (_, null) => null,
        (-1, _) => throw GantryException.Invalid("cgroup: cannot set a swap limit without a memory limit"),
        var (most, both) when both < most => throw GantryException.Invalid($"cgroup: the limit of memory and swap ({both}) is below that of memory ({most})"),
        var (most, both) => both - most,
    };

    private static void ApplySwap(ControllerFolders folders, long? swap)
    {
        if (swap is null)
            return;
        var folder = folders.Need("memory", "the swap limit");
        if (folder.Exists("memory.swap.max"))
            folder.Write("memory.swap.max", Text(swap.Value));
        // Without the file the kernel does not account swap, and a container without a limit of it is what it gets.
        else if (swap > 0)
            throw GantryException.Invalid("cgroup: cannot set the swap limit: this kernel does not account swap");
    }

    private static void RefuseUnsupported(MemoryResources memory)
    {
        var unsupported =
            memory.Swappiness is not null ? "swappiness"
            : memory.DisableOomKiller == true ? "disabling the OOM killer"
            : memory.Kernel is > 0 ? "a limit of kernel memory"
            : memory.KernelTcp is > 0 ? "a limit of TCP buffers"
            : null;
        if (unsupported is not null)
            throw GantryException.Invalid($"cgroup: cannot set {unsupported}: the memory controller of cgroup v2 has none");
    }

    private static void RefuseBelowUsage(CgroupFolder folder, long limit, bool check)
    {
        if (check && limit > 0 && long.TryParse(folder.TryReadText("memory.current"), CultureInfo.InvariantCulture, out var usage) && usage > limit)
            throw GantryException.Invalid($"cgroup: cannot set the memory limit to {limit}: {usage} bytes are in use");
    }

    private static string Text(long value) => value < 0 ? "max" : value.ToString(CultureInfo.InvariantCulture);
}
