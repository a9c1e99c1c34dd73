using System.Security.Cryptography;
using System.Text;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Build.Trees;

/// <summary>The files below a directory that is open: a mounted snapshot or a folder.</summary>
/// <param name="root">The directory; owned.</param>
internal sealed class MountTree(Fd root) : IFileTree
{
    private const ResolveFlags Resolve = ResolveFlags.InRoot | ResolveFlags.NoSymlinks | ResolveFlags.NoMagicLinks;
    private static readonly UTF8Encoding s_strict = new(false, throwOnInvalidBytes: true);

    public TreeEntry? Find(string path)
    {
        if (FileStatusReader.TryRead(root, Bytes(path), out var error) is not { } status)
            return error == Errno.ENOENT || error == Errno.ENOTDIR ? null : throw new OsException($"stat /{path}", error);
        var link = status.IsSymbolicLink ? Encoding.UTF8.GetString(FileNodes.TryReadLink(root, Bytes(path), out _) ?? []) : "";
        return new TreeEntry(status.Kind, status.Permissions, status.UserId, status.GroupId, status.IsRegular ? status.Size : 0, status.Modified, link,
            status.LinkCount > 1 && !status.IsDirectory ? status.Inode : 0, status.Target);
    }

    public IReadOnlyList<string> List(string folder)
    {
        using var directory = FileOpener.OpenWithin(root, Bytes(folder), OpenFlags.Directory, Resolve);
        var names = DirectoryReader.Read(directory).ConvertAll(entry => Name(folder, entry.Name));
        names.Sort(StringComparer.Ordinal);
        return names;
    }

    public Fd Open(string path) => FileOpener.OpenWithin(root, Bytes(path), OpenFlags.ReadOnly | OpenFlags.NoFollow, Resolve);

    public Digest ContentOf(string path)
    {
        using var file = Open(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 17];
        int count;
        while ((count = FileData.Read(file, buffer)) > 0)
            hash.AppendData(buffer, 0, count);
        return Digest.FromSha256(hash.GetHashAndReset());
    }

    public IReadOnlyList<(byte[] Name, byte[] Value)> AttributesOf(string path)
    {
        var result = new List<(byte[], byte[])>();
        foreach (var name in ExtendedAttributes.List(root, Bytes(path)))
        {
            var isForeign = name.AsSpan().StartsWith("trusted.overlay."u8)
                || (name.AsSpan().StartsWith("security."u8) && !name.AsSpan().SequenceEqual("security.capability"u8));
            if (!isForeign && ExtendedAttributes.TryGet(root, Bytes(path), name, out _) is { } value)
                result.Add((name, value));
        }
        return result;
    }

    public void Dispose() => root.Dispose();

    private static byte[] Bytes(string path) => path.Length == 0 ? "."u8.ToArray() : Encoding.UTF8.GetBytes(path);

    private static string Name(string folder, byte[] bytes)
    {
        try
        {
            return s_strict.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            throw GantryException.Invalid($"a name in /{folder} is not UTF-8: {KernelPath.ToText(bytes)}; rename it, or leave it out by a pattern", error);
        }
    }
}
