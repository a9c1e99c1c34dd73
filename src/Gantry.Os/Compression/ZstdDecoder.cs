using System.Runtime.InteropServices;

namespace Gantry.Os.Compression;

/// <summary>Decompression of Zstandard (RFC 8878) by the system's <c>libzstd.so.1</c>. Windows of more than 128 MiB are refused.</summary>
public sealed unsafe partial class ZstdDecoder : IDisposable
{
    private const string Library = "libzstd.so.1";
    private nint _context;

    /// <summary>Begins to decompress a stream of frames.</summary>
    /// <exception cref="DllNotFoundException">The library is not installed.</exception>
    public ZstdDecoder()
    {
        _context = ZSTD_createDStream();
        if (_context == 0)
            throw new OsException("create a zstd decoder", Errno.ENOMEM);
    }

    /// <summary>Decompresses as much of <paramref name="source"/> into <paramref name="target"/> as one step of the decoder does.</summary>
    /// <param name="source">Compressed bytes.</param>
    /// <param name="target">Where the content goes.</param>
    /// <param name="consumed">Bytes used of <paramref name="source"/>.</param>
    /// <param name="written">Bytes written to <paramref name="target"/>.</param>
    /// <returns>True at the end of a frame with all its content written: the stream may end here.</returns>
    /// <exception cref="InvalidDataException">The bytes are not a valid frame.</exception>
    public bool Decompress(ReadOnlySpan<byte> source, Span<byte> target, out int consumed, out int written)
    {
        ObjectDisposedException.ThrowIf(_context == 0, this);
        // Safe: both spans are pinned over the call and passed with their lengths; the library moves the positions within them.
        fixed (byte* input = source)
        fixed (byte* output = target)
        {
            var inBuffer = new Buffer { Data = input, Size = (nuint)source.Length };
            var outBuffer = new Buffer { Data = output, Size = (nuint)target.Length };
            var answer = ZSTD_decompressStream(_context, &outBuffer, &inBuffer);
            consumed = (int)inBuffer.Position;
            written = (int)outBuffer.Position;
            if (ZSTD_isError(answer) != 0)
                throw new InvalidDataException($"zstd: {Marshal.PtrToStringUTF8(ZSTD_getErrorName(answer))}");
            return answer == 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the decoder's memory when nobody disposed it.</summary>
    ~ZstdDecoder() => Free();

    private void Free()
    {
        if (_context != 0)
            ZSTD_freeDStream(_context);
        _context = 0;
    }

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer, which have the same form.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Data;
        public nuint Size;
        public nuint Position;
    }

    [LibraryImport(Library)]
    private static partial nint ZSTD_createDStream();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeDStream(nint context);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_decompressStream(nint context, Buffer* output, Buffer* input);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint answer);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint answer);
}
