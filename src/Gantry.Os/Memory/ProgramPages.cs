using System.Globalization;
using System.Runtime.InteropServices;

namespace Gantry.Os.Memory;

/// <summary>The pages of the program's own file that are mapped into this process.</summary>
public static unsafe partial class ProgramPages
{
    /// <summary>
    /// Lets go of those that cannot have been written to: code and constants. They stay in the page cache for as long as the kernel likes, and come
    /// back 16 at a time when they are touched, about 1 µs each time.
    /// </summary>
    /// <remarks>
    /// A mapping that was ever writable is left alone, even if the loader has made it read-only since (RELRO): its pages may be copies, which would
    /// be lost. Such have memory of their own (<c>Anonymous</c> of proc_pid_smaps(5)). What another thread executes meanwhile is only mapped again.
    /// </remarks>
    /// <returns>Bytes of the mappings.</returns>
    public static long LetGo()
    {
        if (Environment.ProcessPath is not { } program)
            return 0;
        var total = 0L;
        (nint Start, nint Length) mapping = default;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.StartsWith("Anonymous:", StringComparison.Ordinal))
            {
                if (mapping.Length > 0 && IsNothing(line) && madvise(mapping.Start, mapping.Length, MADV_DONTNEED) == 0)
                    total += mapping.Length;
                mapping = default;
            }
            else if (line.EndsWith(program, StringComparison.Ordinal))
                mapping = ReadOnlyMapping(line);
        }
        return total;
    }

    private static bool IsNothing(string line) => line.AsSpan("Anonymous:".Length).Trim() is "0 kB";

    /// <summary>Of a line such as <c>00405000-012d7000 r-xp 00005000 fe:00 332096 /usr/bin/gantry</c>; none of one that may be written to.</summary>
    private static (nint Start, nint Length) ReadOnlyMapping(string line)
    {
        var dash = line.IndexOf('-', StringComparison.Ordinal);
        var space = line.IndexOf(' ', StringComparison.Ordinal);
        if (dash < 0 || space < dash || !line.AsSpan(space + 1).StartsWith("r-"))
            return default;
        var start = nint.Parse(line.AsSpan(0, dash), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        var end = nint.Parse(line.AsSpan(dash + 1, space - dash - 1), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (start, end - start);
    }

    private const int MADV_DONTNEED = 4;

    [LibraryImport(Libc.Name)]
    private static partial int madvise(nint address, nint length, int advice);
}
