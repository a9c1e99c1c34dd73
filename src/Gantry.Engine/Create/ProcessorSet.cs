using System.Globalization;
using Gantry.Oci;

namespace Gantry.Engine.Create;

/// <summary>Lists of processors and memory nodes, such as <c>0-3,7</c> (cpuset(7), "List format").</summary>
internal static class ProcessorSet
{
    private const int HighestNumber = 8192; // More than the kernel can be built for.

    /// <summary>The processors that are switched on.</summary>
    public static string OnlineCpus() => Read("/sys/devices/system/cpu/online");

    /// <summary>The memory nodes that are switched on.</summary>
    public static string OnlineNodes() => Read("/sys/devices/system/node/online");

    /// <summary>Checks that a list can be read, and has only what is there.</summary>
    /// <param name="things">What they are, for the error.</param>
    /// <param name="option">Which option it is, for the error.</param>
    /// <param name="wanted">The list.</param>
    /// <param name="list">Lists what is there; asked when something is wanted.</param>
    /// <exception cref="GantryException">It is malformed or has something that is not there (InvalidArgument).</exception>
    public static void Check(string things, string option, string wanted, Func<string> list)
    {
        if (wanted.Length == 0)
            return;
        if (Parse(wanted) is not { } numbers)
            throw GantryException.Invalid($"Invalid value {wanted} for {option}: invalid format: {wanted}");
        var available = list();
        if (!numbers.IsSubsetOf(Parse(available) ?? []))
            throw GantryException.Invalid($"Requested {things} are not available - requested {wanted}, available: {available}");
    }

    /// <summary>Reads a list; null when it is none.</summary>
    public static HashSet<int>? Parse(string text)
    {
        var result = new HashSet<int>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length > 2 || !TryNumber(ends[0], out var first) || !TryNumber(ends[^1], out var last) || last < first)
                return null;
            result.UnionWith(Enumerable.Range(first, last - first + 1));
        }
        return result;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= HighestNumber;

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "0";
}
