using Gantry.Oci;
using Gantry.Os.Compression;

namespace Gantry.Storage.Compression;

/// <summary>Reads the content of a Zstandard stream, of one or several frames.</summary>
public sealed class ZstdStream : ReadOnlyStream
{
    private readonly Stream _source;
    private readonly ZstdDecoder _decoder;
    private readonly byte[] _buffer = new byte[1 << 17];
    private int _start;
    private int _end;
    private bool _mayEnd = true;

    /// <summary>Reads from <paramref name="source"/>, which it owns.</summary>
    /// <exception cref="GantryException">libzstd is not installed.</exception>
    public ZstdStream(Stream source)
    {
        _source = source;
        try
        {
            _decoder = new ZstdDecoder();
        }
        catch (DllNotFoundException error)
        {
            throw new GantryException(ErrorKind.Unavailable, "the content is compressed with zstd, and libzstd.so.1 is not installed", error);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The content is damaged or cut short.</exception>
    public override int Read(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (Decompress(buffer) is > 0 and var count)
                return count;
            if (_start == _end && !Accept(_source.Read(_buffer)))
                return 0;
        }
        return 0;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The content is damaged or cut short.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0)
        {
            if (Decompress(buffer.Span) is > 0 and var count)
                return count;
            if (_start == _end && !Accept(await _source.ReadAsync(_buffer, cancellationToken)))
                return 0;
        }
        return 0;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder.Dispose();
            _source.Dispose();
        }
        base.Dispose(disposing);
    }

    // The decoder may hold content of input it has consumed: it is asked even when no input is left, unless a frame has just ended.
    private int Decompress(Span<byte> target)
    {
        if (_start == _end && _mayEnd)
            return 0;
        _mayEnd = _decoder.Decompress(_buffer.AsSpan(_start, _end - _start), target, out var consumed, out var written);
        _start += consumed;
        return written;
    }

    private bool Accept(int count)
    {
        if (count == 0 && !_mayEnd)
            throw new InvalidDataException("zstd: the content is cut short");
        (_start, _end) = (0, count);
        return count > 0;
    }
}
