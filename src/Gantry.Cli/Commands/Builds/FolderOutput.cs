using System.Formats.Tar;
using System.Text;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Cli.Commands.Builds;

/// <summary>Writes an archive's files into a folder: <c>--output type=local</c>. No link in it, new or old, is followed.</summary>
internal static class FolderOutput
{
    private const ResolveFlags Inside = ResolveFlags.Beneath | ResolveFlags.NoSymlinks;

    /// <exception cref="IOException">Something cannot be written.</exception>
    public static void Extract(Stream archive, string folder)
    {
        Directory.CreateDirectory(folder);
        using var root = FileOpener.Open(folder, OpenFlags.Directory);
        var times = new List<(byte[] Path, FileTime Time)>();
        using var reader = new TarReader(archive);
        while (reader.GetNextEntry() is { } entry)
        {
            var path = entry.Name.Trim('/');
            path = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
            if (path is "" or ".")
                continue;
            Write(root, entry, Encoding.UTF8.GetBytes(path), times);
        }
        // Last: what was written into a folder has changed its time.
        foreach (var (path, time) in times)
            FileMetadata.TrySetTimes(root, path, time, time);
    }

    private static void Write(Fd root, TarEntry entry, byte[] path, List<(byte[], FileTime)> times)
    {
        var slash = path.AsSpan().LastIndexOf((byte)'/');
        using var parent = slash < 0 ? root.Duplicate() : FileOpener.OpenWithin(root, path.AsSpan(0, slash), OpenFlags.Directory, Inside);
        var name = path[(slash + 1)..];
        var time = new FileTime(entry.ModificationTime.ToUnixTimeSeconds(), 0);
        if (entry.EntryType != TarEntryType.Directory)
            FileNodes.TryUnlink(parent, name);
        switch (entry.EntryType)
        {
            case TarEntryType.Directory:
                FileNodes.TryMakeDirectory(parent, name, 0x1ed /* 0755 */);
                times.Add((path, time));
                break;
            case TarEntryType.SymbolicLink:
                FileNodes.MakeSymbolicLink(Encoding.UTF8.GetBytes(entry.LinkName), parent, name);
                break;
            case TarEntryType.HardLink:
                FileNodes.TryLink(root, Encoding.UTF8.GetBytes(entry.LinkName.Trim('/')), parent, name);
                return;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                using (var file = FileOpener.Open(parent, name, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Exclusive, 0x180))
                    Copy(entry.DataStream, file);
                break;
            default:
                // Devices, which only root could make, and FIFOs say nothing outside of a system.
                return;
        }
        // Whoever is not root gets the files as their own.
        FileMetadata.TrySetOwner(parent, name, (uint)entry.Uid, (uint)entry.Gid);
        if (entry.EntryType != TarEntryType.SymbolicLink)
            FileMetadata.TrySetPermissions(parent, name, (uint)entry.Mode);
        if (entry.EntryType != TarEntryType.Directory)
            FileMetadata.TrySetTimes(parent, name, time, time);
    }

    private static void Copy(Stream? content, Fd file)
    {
        if (content is null)
            return;
        var writer = new SparseWriter(file);
        var buffer = new byte[1 << 16];
        int count;
        while ((count = content.Read(buffer)) > 0)
            writer.Write(buffer.AsSpan(0, count));
        writer.Finish();
    }
}
