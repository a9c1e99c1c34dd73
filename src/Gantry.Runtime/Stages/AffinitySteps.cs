using System.Globalization;
using Gantry.Oci;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Stages;

/// <summary>The processors that a process may run on (config.md, <c>execCPUAffinity</c>).</summary>
internal static class AffinitySteps
{
    /// <summary>CPU numbers beyond this are refused; the kernel ignores those beyond what it knows.</summary>
    private const int LastProcessor = 8191;

    /// <summary>Sets them (sched_setaffinity(2)).</summary>
    /// <param name="builder">The program.</param>
    /// <param name="list">E.g. <c>0-3,7</c>; null or empty: they stay as they are.</param>
    /// <exception cref="GantryException">It is not such a list.</exception>
    internal static void Write(ProcessProgramBuilder builder, string? list)
    {
        if (string.IsNullOrEmpty(list))
            return;
        var mask = Parse(list);
        builder.Call($"set the CPU affinity to {list}", SystemCall.SchedSetaffinity, 0, mask.Length, builder.Bytes(mask));
    }

    /// <summary>One bit for each processor, in whole 64-bit words.</summary>
    internal static byte[] Parse(string list)
    {
        var mask = new byte[(LastProcessor + 1) / 8];
        var last = 0;
        foreach (var part in list.Split(','))
        {
            var dash = part.IndexOf('-', StringComparison.Ordinal);
            var first = Number(dash < 0 ? part : part[..dash], list);
            var end = dash < 0 ? first : Number(part[(dash + 1)..], list);
            if (end < first)
                throw Invalid(list);
            for (var processor = first; processor <= end; processor++)
                mask[processor / 8] |= (byte)(1 << processor % 8);
            last = Math.Max(last, end);
        }
        return mask[..((last / 64 + 1) * 8)];
    }

    private static int Number(string text, string list) =>
        int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= LastProcessor
            ? number
            : throw Invalid(list);

    private static GantryException Invalid(string list) => GantryException.Invalid($"execCPUAffinity \"{list}\" is not a list of processors such as 0-3,7");
}
