using System.Runtime.InteropServices;

namespace Gantry.Os.Compression;

/// <summary>Compression with Zstandard (RFC 8878) by the system's <c>libzstd.so.1</c>.</summary>
public static unsafe partial class ZstdEncoder
{
    private const string Library = "libzstd.so.1";

    /// <summary>The most bytes that content of some length can become.</summary>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    public static int BoundOf(int length) => checked((int)ZSTD_compressBound((nuint)length));

    /// <summary>Compresses <paramref name="content"/> into one frame.</summary>
    /// <param name="content">What to compress.</param>
    /// <param name="frame">Where the frame goes; <see cref="BoundOf"/> bytes are enough.</param>
    /// <param name="level">1 (fast) to 19 (small).</param>
    /// <returns>The length of the frame.</returns>
    /// <exception cref="InvalidOperationException">There is too little room.</exception>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    public static int Compress(ReadOnlySpan<byte> content, Span<byte> frame, int level)
    {
        // Safe: both spans are pinned over the call and passed with their lengths.
        fixed (byte* input = content)
        fixed (byte* output = frame)
        {
            var answer = ZSTD_compress(output, (nuint)frame.Length, input, (nuint)content.Length, level);
            return ZSTD_isError(answer) == 0
                ? (int)answer
                : throw new InvalidOperationException($"zstd: {Marshal.PtrToStringUTF8(ZSTD_getErrorName(answer))}");
        }
    }

    [LibraryImport(Library)]
    private static partial nuint ZSTD_compressBound(nuint size);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_compress(byte* target, nuint capacity, byte* source, nuint size, int level);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint answer);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint answer);
}
