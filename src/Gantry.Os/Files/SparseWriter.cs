namespace Gantry.Os.Files;

/// <summary>Writes a file from one place on to its end; where there would be nothing but zeros for a while it gets a hole.</summary>
/// <param name="file">The file, with nothing behind the place.</param>
/// <param name="position">The place, at which the file is.</param>
public sealed class SparseWriter(Fd file, long position = 0)
{
    /// <summary>The smallest hole: less would cost the file system more than it saves.</summary>
    public const int SmallestHole = 1 << 14;

    // What is left at the end of a piece goes with what comes next, if it is worth a call.
    private const int SmallestRest = 1 << 10;
    private long _end = position;
    private long _written = position;

    /// <summary>Writes bytes.</summary>
    /// <exception cref="OsException">The disk is full.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var length = SameKind(bytes, out var isHole);
            if (!isHole)
            {
                if (_written != _end)
                    FileData.Seek(file, _end);
                FileData.Write(file, bytes[..length]);
                _written = _end + length;
            }
            _end += length;
            bytes = bytes[length..];
        }
    }

    /// <summary>Gives the file its length, if a hole is at its end.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public void Finish()
    {
        if (_written == _end)
            return;
        FileData.SetLength(file, _end);
        FileData.Seek(file, _end);
        _written = _end;
    }

    /// <summary>How many bytes from the first on are to be a hole, or are to be written.</summary>
    private static int SameKind(ReadOnlySpan<byte> bytes, out bool isHole)
    {
        isHole = IsHole(bytes);
        var length = Math.Min(SmallestHole, bytes.Length);
        while (length < bytes.Length && IsHole(bytes[length..]) == isHole)
            length = Math.Min(length + SmallestHole, bytes.Length);
        return length;
    }

    // Most data have another byte than 0 soon: this costs next to nothing.
    private static bool IsHole(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= SmallestRest && !bytes[..Math.Min(SmallestHole, bytes.Length)].ContainsAnyExcept((byte)0);
}
