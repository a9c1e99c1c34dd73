using System.Runtime.InteropServices;

namespace Gantry.Os;

/// <summary>What all P/Invoke declarations share. Each facility declares the calls it needs beside its use, blittable, once.</summary>
internal static class Libc
{
    /// <summary>The name under which the executables bind libc at link time (<c>DirectPInvoke</c>).</summary>
    internal const string Name = "libc";

    /// <summary>errno as saved right after the last P/Invoke with <c>SetLastError</c> on this thread.</summary>
    internal static Errno LastError => new(Marshal.GetLastPInvokeError());
}
