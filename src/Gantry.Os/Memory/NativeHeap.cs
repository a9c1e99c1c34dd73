using System.Runtime.InteropServices;

namespace Gantry.Os.Memory;

/// <summary>The memory of the C library's malloc(3), which the runtime itself and libraries such as zlib use.</summary>
public static partial class NativeHeap
{
    /// <summary>Gives back to the kernel what is free in it (malloc_trim(3)).</summary>
    public static void Trim() => _ = malloc_trim(0);

    [LibraryImport(Libc.Name)]
    private static partial int malloc_trim(nuint pad);
}
