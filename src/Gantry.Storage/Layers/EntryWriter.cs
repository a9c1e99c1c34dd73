using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Layers;

/// <summary>Makes what an entry describes, by name in a directory that is open. What stands in its place is replaced.</summary>
internal sealed class EntryWriter(TarReader archive, LayerDirectories directories, CreatedFiles? created, WhiteoutForm whiteouts)
{
    private readonly byte[] _buffer = new byte[1 << 18];
    private bool _replaced;

    /// <summary>Gives the root the attributes of its entry.</summary>
    /// <exception cref="InvalidDataException">The entry is no directory.</exception>
    internal void WriteRoot(TarEntry entry)
    {
        if (entry.Kind != TarEntryKind.Directory)
            throw new InvalidDataException("the root is no directory");
        RemoveOldAttributes(directories.Root.Target);
        SetAttributes(entry, directories.Root.Target);
    }

    /// <exception cref="InvalidDataException">The entry cannot be meant.</exception>
    /// <exception cref="OsException">The file system refused.</exception>
    internal void Write(TarEntry entry, LayerDirectory directory, byte[] name)
    {
        if (entry.Kind == TarEntryKind.HardLink)
            WriteHardLink(entry, directory, name);
        else
            Make(entry, directory, name);
        if (_replaced)
            directories.Forget();
        _replaced = false;
    }

    private void Make(TarEntry entry, LayerDirectory directory, byte[] name)
    {
        switch (entry.Kind)
        {
            case TarEntryKind.File:
                WriteFile(entry, directory, name);
                break;
            case TarEntryKind.Directory:
                WriteDirectory(entry, directory, name);
                break;
            case TarEntryKind.SymbolicLink:
                Create(directory, name, () => FileNodes.TryMakeSymbolicLink(LinkText(entry), directory.Target, name));
                SetAttributesByName(entry, directory.Target, name);
                break;
            default:
                Create(directory, name, () => FileNodes.TryMakeNode(directory.Target, name, NodeKind(entry.Kind), 0, entry.Device));
                SetAttributesByName(entry, directory.Target, name);
                break;
        }
        created?.Add(directory.Target, name);
    }

    private void WriteFile(TarEntry entry, LayerDirectory directory, byte[] name)
    {
        const OpenFlags flags = OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive | OpenFlags.NoFollow;
        Fd? opened = null;
        Create(directory, name, () =>
        {
            opened = FileOpener.TryOpen(directory.Target, name, flags, 0x180 /* 0600 */, out var error);
            return error;
        });
        using var file = opened!;
        if (entry.Sparse is null)
            CopyData(file, entry.Size);
        else
            CopySparse(entry, file);
        SetAttributes(entry, file);
        SetTimes(FileMetadata.TrySetTimes(file, entry.Modified, entry.Modified));
    }

    private void CopyData(Fd file, long size)
    {
        int count;
        if (size < SparseWriter.SmallestHole)
        {
            while ((count = archive.Read(_buffer)) > 0)
                FileData.Write(file, _buffer.AsSpan(0, count));
            return;
        }
        var content = new SparseWriter(file);
        while ((count = archive.Read(_buffer)) > 0)
            content.Write(_buffer.AsSpan(0, count));
        content.Finish();
    }

    private void CopySparse(TarEntry entry, Fd file)
    {
        FileData.SetLength(file, entry.Size);
        foreach (var (offset, length) in entry.Sparse!)
        {
            FileData.Seek(file, offset);
            for (var rest = length; rest > 0;)
            {
                var count = archive.Read(_buffer.AsSpan(0, (int)Math.Min(rest, _buffer.Length)));
                FileData.Write(file, _buffer.AsSpan(0, count));
                rest -= count;
            }
        }
    }

    private void WriteDirectory(TarEntry entry, LayerDirectory directory, byte[] name)
    {
        var error = FileNodes.TryMakeDirectory(directory.Target, name, 0x1c0 /* 0700 */);
        // A directory that exists is kept with what is in it; a link to one is not.
        var mustReplace = error == Errno.EEXIST && !FileStatusReader.Read(directory.Target, name).IsDirectory;
        if (mustReplace)
            error = Replace(directory.Target, name, () => FileNodes.TryMakeDirectory(directory.Target, name, 0x1c0));
        if (error != Errno.EEXIST)
            Check(error, "make directory");
        using var made = FileOpener.Open(directory.Target, name, OpenFlags.Directory | OpenFlags.NoFollow);
        // What stood here hid the directory of the layers below, if there is one: that stays hidden.
        if (mustReplace && whiteouts == WhiteoutForm.Overlay)
            OverlayMarks.SetOpaque(made);
        if (error == Errno.EEXIST)
            RemoveOldAttributes(made);
        SetAttributes(entry, made);
    }

    private void WriteHardLink(TarEntry entry, LayerDirectory directory, byte[] name)
    {
        var path = EntryPath.Clean(LinkText(entry));
        if (path.Length == 0)
            throw new InvalidDataException("it is a hard link to the root");
        var (existingPath, existingName) = EntryPath.Split(path);
        // Opening the directory of the link's target may close the entry's own when many are open: a descriptor apart.
        using var into = directory.Target.Duplicate();
        var from = directories.Open(existingPath);
        RequireLinkable(from, existingName, path);
        var error = FileNodes.TryLink(from.Target, existingName, into, name);
        if (error == Errno.EEXIST && !IsSame(from.Target, existingName, into, name))
            error = Replace(into, name, () => FileNodes.TryLink(from.Target, existingName, into, name));
        if (error != Errno.EEXIST)
            Check(error, $"link to {KernelPath.ToText(path)}");
        created?.Add(into, name);
    }

    private static void RequireLinkable(LayerDirectory directory, byte[] name, byte[] path)
    {
        if (FileStatusReader.TryRead(directory.Target, name, out _) is { } existing)
        {
            if (existing.IsDirectory)
                throw new InvalidDataException($"it is a hard link to the directory {KernelPath.ToText(path)}");
        }
        else if (!LowerCopies.TryCopyFile(directory, name))
            throw new InvalidDataException($"it is a hard link to {KernelPath.ToText(path)}, which does not exist");
    }

    // A link onto itself is done already; replacing it would delete the only name.
    private static bool IsSame(Fd directory, byte[] name, Fd otherDirectory, byte[] otherName)
        => FileStatusReader.Read(directory, name).Inode == FileStatusReader.Read(otherDirectory, otherName).Inode;

    private void Create(LayerDirectory directory, byte[] name, Func<Errno> create)
    {
        var error = create();
        if (error == Errno.EEXIST)
            error = Replace(directory.Target, name, create);
        if (error != default)
            throw new OsException("create", error);
    }

    private Errno Replace(Fd directory, byte[] name, Func<Errno> create)
    {
        TreeDeleter.Delete(directory, name);
        _replaced = true;
        return create();
    }

    private static FileKind NodeKind(TarEntryKind kind) => kind switch
    {
        TarEntryKind.CharacterDevice => FileKind.CharacterDevice,
        TarEntryKind.BlockDevice => FileKind.BlockDevice,
        TarEntryKind.Fifo => FileKind.Fifo,
        _ => throw new InvalidDataException($"it is of unknown type {kind}"),
    };

    private static byte[] LinkText(TarEntry entry)
        => entry.LinkName.Length > 0 ? entry.LinkName : throw new InvalidDataException("it is a link to nothing");

    // The owner first: changing it clears set-user-ID and file capabilities.
    private static void SetAttributes(TarEntry entry, Fd file)
    {
        Check(FileMetadata.TrySetOwner(file, [], entry.UserId, entry.GroupId), "set owner");
        Check(FileMetadata.TrySetPermissions(file, entry.Permissions), "set permissions");
        foreach (var attribute in entry.Attributes)
            if (!OverlayMarks.IsOverlayAttribute(attribute.Name))
                CheckAttribute(ExtendedAttributes.TrySet(file, attribute.Name, attribute.Value), attribute);
    }

    private static void RemoveOldAttributes(Fd directory)
    {
        foreach (var attribute in ExtendedAttributes.List(directory, []))
            if (!OverlayMarks.IsOverlayAttribute(attribute) && !attribute.AsSpan().StartsWith("security."u8))
                Check(ExtendedAttributes.TryRemove(directory, attribute), $"remove attribute {KernelPath.ToText(attribute)}");
    }

    private static void SetAttributesByName(TarEntry entry, Fd directory, byte[] name)
    {
        Check(FileMetadata.TrySetOwner(directory, name, entry.UserId, entry.GroupId), "set owner");
        // Safe to follow: it was made just now, and is no link.
        if (entry.Kind != TarEntryKind.SymbolicLink)
            Check(FileMetadata.TrySetPermissions(directory, name, entry.Permissions), "set permissions");
        foreach (var attribute in entry.Attributes)
            if (!OverlayMarks.IsOverlayAttribute(attribute.Name))
                CheckAttribute(ExtendedAttributes.TrySet(directory, name, attribute.Name, attribute.Value), attribute);
        SetTimes(FileMetadata.TrySetTimes(directory, name, entry.Modified, entry.Modified));
    }

    private static void SetTimes(Errno error) => Check(error, "set times");

    // A file system without the attribute's class is no reason to refuse an image, nor is one that takes user.* on files only.
    private static void CheckAttribute(Errno error, TarAttribute attribute)
    {
        if (error != Errno.EOPNOTSUPP && !(error == Errno.EPERM && attribute.Name.AsSpan().StartsWith("user."u8)))
            Check(error, $"set attribute {KernelPath.ToText(attribute.Name)}");
    }

    private static void Check(Errno error, string operation)
    {
        if (error != default)
            throw new OsException(operation, error);
    }
}
