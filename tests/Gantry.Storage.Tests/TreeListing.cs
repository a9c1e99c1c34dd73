using System.Security.Cryptography;
using System.Text;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Tests;

/// <summary>A tree as lines of text, one a file, with everything that an archive keeps; names as Latin-1.</summary>
internal static class TreeListing
{
    internal static List<string> Of(Fd root, bool withDirectoryTimes = true)
    {
        var lines = new List<string>();
        var links = new Dictionary<ulong, string>();
        using var readable = FileOpener.Open(root, "."u8, OpenFlags.Directory);
        TreeComparer.Walk(readable, null, change => lines.Add(Describe(change, links, withDirectoryTimes)));
        return lines;
    }

    private static string Describe(TreeChange change, Dictionary<ulong, string> links, bool withDirectoryTimes)
    {
        var status = change.Status!.Value;
        var path = Encoding.Latin1.GetString(change.Path);
        var line = new StringBuilder($"/{path} {status.Kind} {Convert.ToString(status.Permissions, 8)} {status.UserId}:{status.GroupId}");
        if (withDirectoryTimes || !status.IsDirectory)
            line.Append($" t={status.Modified.Seconds}");
        if (!status.IsDirectory && status.LinkCount > 1)
            line.Append(links.TryAdd(status.Inode, path) ? " first" : $" ={links[status.Inode]}");
        if (status.IsSymbolicLink)
            line.Append($" -> {Encoding.Latin1.GetString(FileNodes.TryReadLink(change.Directory, change.Name, out _)!)}");
        if (status.Kind is FileKind.CharacterDevice or FileKind.BlockDevice)
            line.Append($" {status.Target.Major}:{status.Target.Minor}");
        foreach (var name in ExtendedAttributes.List(change.Directory, change.Name))
            if (!OverlayMarks.IsOverlayAttribute(name))
                line.Append($" {Encoding.Latin1.GetString(name)}={Convert.ToHexString(ExtendedAttributes.TryGet(change.Directory, change.Name, name, out _)!)}");
        if (status.IsRegular)
            line.Append($" {status.Size} {Content(change)}");
        return line.ToString();
    }

    private static string Content(TreeChange change)
    {
        using var file = FileOpener.Open(change.Directory, change.Name, OpenFlags.ReadOnly | OpenFlags.NoFollow);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        int count;
        while ((count = FileData.Read(file, buffer)) > 0)
            hash.AppendData(buffer.AsSpan(0, count));
        return Convert.ToHexString(hash.GetHashAndReset())[..16];
    }
}
