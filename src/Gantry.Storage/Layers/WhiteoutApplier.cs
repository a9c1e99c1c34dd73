using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Layers;

/// <summary>
/// Deletions (OCI image-spec, layer.md): <c>.wh.x</c> deletes <c>x</c> of the layers below, <c>.wh..wh..opq</c> everything that the
/// layers below have in its directory. Neither touches what the layer itself brings, before or after.
/// </summary>
/// <param name="directories">The directories that are open.</param>
/// <param name="created">What the layer wrote, where deletions are carried out; null where they are marked for overlayfs.</param>
internal sealed class WhiteoutApplier(LayerDirectories directories, CreatedFiles? created)
{
    internal static ReadOnlySpan<byte> Prefix => ".wh."u8;

    internal static ReadOnlySpan<byte> Opaque => ".wh..wh..opq"u8;

    // Names with this prefix are AUFS's own book-keeping.
    private static ReadOnlySpan<byte> MetaPrefix => ".wh..wh."u8;

    internal static bool IsWhiteout(ReadOnlySpan<byte> name) => name.StartsWith(Prefix);

    /// <exception cref="InvalidDataException">It deletes no name in its directory.</exception>
    internal void Apply(LayerDirectory directory, ReadOnlySpan<byte> name)
    {
        if (name.SequenceEqual(Opaque))
        {
            MakeOpaque(directory);
            return;
        }
        if (name.StartsWith(MetaPrefix))
            return;
        var deleted = name[Prefix.Length..];
        if (deleted.IsEmpty || deleted.SequenceEqual("."u8) || deleted.SequenceEqual(".."u8))
            throw new InvalidDataException("it is a whiteout of no file");
        if (created is null)
            Mark(directory, deleted);
        else
            Delete(directory, [deleted.ToArray()]);
    }

    private void MakeOpaque(LayerDirectory directory)
    {
        if (created is not null)
        {
            Delete(directory, DirectoryReader.Read(directory.Target).Select(entry => entry.Name));
            return;
        }
        if (directory.Lower is null)
            return;
        OverlayMarks.SetOpaque(directory.Target);
        directories.Forget();
    }

    // A whiteout where there is nothing below would show up when overlayfs lists a directory that only one layer has.
    private void Mark(LayerDirectory directory, ReadOnlySpan<byte> name)
    {
        if (directory.Lower is null || FileStatusReader.TryRead(directory.Lower, name, out _) is null)
            return;
        var error = OverlayMarks.TryMakeWhiteout(directory.Target, name);
        if (error == Errno.EEXIST)
            HideLower(directory.Target, name);
        else if (error != default)
            throw new OsException($"make whiteout {KernelPath.ToText(name)}", error);
    }

    // The layer brings something under that name itself: of a directory only its own content is to be seen.
    private void HideLower(Fd parent, ReadOnlySpan<byte> name)
    {
        using var own = FileOpener.TryOpen(parent, name, OpenFlags.Directory | OpenFlags.NoFollow, 0, out _);
        if (own is null)
            return;
        OverlayMarks.SetOpaque(own);
        directories.Forget();
    }

    private void Delete(LayerDirectory directory, IEnumerable<byte[]> names)
    {
        foreach (var name in names)
            DeleteOld(directory.Target, name);
        directories.Forget();
    }

    private void DeleteOld(Fd parent, ReadOnlySpan<byte> name)
    {
        if (FileStatusReader.TryRead(parent, name, out _) is not { } status)
            return;
        if (!created!.Contains(status) && !status.IsDirectory)
        {
            TreeDeleter.Delete(parent, name);
            return;
        }
        if (!status.IsDirectory)
            return;
        using (var directory = FileOpener.Open(parent, name, OpenFlags.Directory | OpenFlags.NoFollow))
            foreach (var entry in DirectoryReader.Read(directory))
                DeleteOld(directory, entry.Name);
        // ENOTEMPTY: something of this layer is in it.
        if (!created.Contains(status))
            FileNodes.TryRemoveDirectory(parent, name);
    }
}
