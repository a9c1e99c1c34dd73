using System.Buffers;
using System.Security.Cryptography;

namespace Gantry.Storage.Content;

/// <summary>
/// Hashes what is written on another processor, while the writer goes on. Content of less than 256 KiB is hashed at its end, on the caller's thread. Not for
/// use
/// by several threads.
/// </summary>
/// <param name="hash">What hashes; owned.</param>
public sealed class BackgroundHash(IncrementalHash hash) : IDisposable
{
    private const int BufferSize = 1 << 18;
    private byte[]? _filling;
    private byte[]? _hashed;
    private int _filled;
    private Task _hashing = Task.CompletedTask;

    /// <summary>Takes the next bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            _filling ??= ArrayPool<byte>.Shared.Rent(BufferSize);
            var count = Math.Min(bytes.Length, BufferSize - _filled);
            bytes[..count].CopyTo(_filling.AsSpan(_filled));
            bytes = bytes[count..];
            _filled += count;
            if (_filled == BufferSize)
                HandOver();
        }
    }

    /// <summary>The hash of all that was appended; it begins anew.</summary>
    public byte[] Finish()
    {
        Wait();
        if (_filled > 0)
            hash.AppendData(_filling!, 0, _filled);
        _filled = 0;
        return hash.GetHashAndReset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Wait();
        Return(ref _filling);
        Return(ref _hashed);
        hash.Dispose();
    }

    /// <summary>Two buffers: one is hashed while the other is filled.</summary>
    private void HandOver()
    {
        Wait();
        (_filling, _hashed) = (_hashed, _filling);
        var (full, length) = (_hashed!, _filled);
        _hashing = Task.Run(() => hash.AppendData(full, 0, length));
        _filled = 0;
    }

    private void Wait() => _hashing.GetAwaiter().GetResult();

    private static void Return(ref byte[]? buffer)
    {
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
    }
}
