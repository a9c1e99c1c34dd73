namespace Gantry.Storage.Layers;

/// <summary>
/// Names in archives, made clean: components without <c>.</c>, <c>..</c> and empty ones, separated by single slashes, not beginning with
/// one; the root is empty. As in docker, <c>..</c> is taken back textually, an absolute name starts at the layer's root, and a name that
/// climbs out is an error.
/// </summary>
internal static class EntryPath
{
    /// <summary>Longest path, as for the kernel (PATH_MAX): what is deeper, no program could name, and going there would take a descriptor a level.</summary>
    internal const int MaxLength = 4096;

    /// <exception cref="InvalidDataException">The path leads out of the root, or is too long.</exception>
    internal static byte[] Clean(ReadOnlySpan<byte> path)
    {
        var isAbsolute = path.StartsWith("/"u8);
        var clean = new byte[path.Length];
        var length = 0;
        foreach (var range in path.Split((byte)'/'))
        {
            var component = path[range];
            if (component.IsEmpty || component.SequenceEqual("."u8))
                continue;
            if (component.SequenceEqual(".."u8))
            {
                if (length == 0 && !isAbsolute)
                    throw new InvalidDataException("its path leads out of the root");
                length = Math.Max(0, clean.AsSpan(0, length).LastIndexOf((byte)'/'));
                continue;
            }
            if (length > 0)
                clean[length++] = (byte)'/';
            component.CopyTo(clean.AsSpan(length));
            length += component.Length;
        }
        return length <= MaxLength ? clean[..length] : throw TooLong();
    }

    internal static InvalidDataException TooLong() => new($"its path is longer than {MaxLength} bytes");

    /// <summary>Splits a clean path before its last component.</summary>
    internal static (byte[] Directory, byte[] Name) Split(byte[] path)
    {
        var slash = path.AsSpan().LastIndexOf((byte)'/');
        return slash < 0 ? ([], path) : (path[..slash], path[(slash + 1)..]);
    }
}
