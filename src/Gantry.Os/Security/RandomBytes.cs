using System.Runtime.InteropServices;

namespace Gantry.Os.Security;

/// <summary>The kernel's random numbers (getrandom(2)). .NET's own generator loads OpenSSL, which a static program cannot and a keeper need not.</summary>
public static unsafe partial class RandomBytes
{
    // Up to so many bytes are given at once and whole, whatever signals come.
    private const int Most = 256;

    /// <summary>Fills a buffer of at most 256 bytes.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void Fill(Span<byte> buffer)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buffer.Length, Most);
        // Safe: the buffer is pinned over the call and its length is passed.
        fixed (byte* start = buffer)
            if (getrandom(start, (nuint)buffer.Length, 0) != buffer.Length)
                throw new OsException("get random bytes", Libc.LastError);
    }

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint getrandom(byte* buffer, nuint size, uint flags);
}
