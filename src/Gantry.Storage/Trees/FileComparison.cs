using System.Buffers;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Trees;

/// <summary>Whether two files are the same without reading their content: kind, owner, permissions, size, time, link text, attributes.</summary>
internal static class FileComparison
{
    internal static bool IsSame(
        Fd directory, ReadOnlySpan<byte> name, in FileStatus status, Fd otherDirectory, ReadOnlySpan<byte> otherName, in FileStatus other)
        => status.Kind == other.Kind
            && status.Permissions == other.Permissions
            && status.UserId == other.UserId
            && status.GroupId == other.GroupId
            && status.Target == other.Target
            && status.Modified == other.Modified
            && (!status.IsRegular || status.Size == other.Size)
            && (!status.IsSymbolicLink || LinkText(directory, name).SequenceEqual(LinkText(otherDirectory, otherName)))
            && HasSameAttributes(directory, name, otherDirectory, otherName);

    /// <summary>Whether regular files of one size have the same bytes.</summary>
    internal static bool HasSameContent(Fd directory, Fd otherDirectory, ReadOnlySpan<byte> name)
    {
        const int size = 1 << 17;
        using var file = FileOpener.Open(directory, name, OpenFlags.ReadOnly | OpenFlags.NoFollow);
        using var other = FileOpener.Open(otherDirectory, name, OpenFlags.ReadOnly | OpenFlags.NoFollow);
        var buffers = ArrayPool<byte>.Shared.Rent(2 * size);
        try
        {
            var one = buffers.AsSpan(0, size);
            var two = buffers.AsSpan(size, size);
            for (long offset = 0; ;)
            {
                var count = FileData.ReadAt(file, one, offset);
                if (!one[..count].SequenceEqual(two[..FileData.ReadAt(other, two, offset)]))
                    return false;
                if (count == 0)
                    return true;
                offset += count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffers);
        }
    }

    private static ReadOnlySpan<byte> LinkText(Fd directory, ReadOnlySpan<byte> name) => FileNodes.TryReadLink(directory, name, out _);

    private static bool HasSameAttributes(Fd directory, ReadOnlySpan<byte> name, Fd otherDirectory, ReadOnlySpan<byte> otherName)
    {
        var attributes = ExtendedAttributes.List(directory, name);
        var others = ExtendedAttributes.List(otherDirectory, otherName);
        if (attributes.Count != others.Count)
            return false;
        for (var i = 0; i < attributes.Count; i++)
        {
            ReadOnlySpan<byte> value = ExtendedAttributes.TryGet(directory, name, attributes[i], out _);
            if (!attributes[i].AsSpan().SequenceEqual(others[i])
                || !value.SequenceEqual(ExtendedAttributes.TryGet(otherDirectory, otherName, others[i], out _)))
                return false;
        }
        return true;
    }
}
