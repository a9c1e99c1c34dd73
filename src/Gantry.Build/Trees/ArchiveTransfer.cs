using Gantry.Build.Contexts;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Compression;
using Gantry.Storage.Layers;

namespace Gantry.Build.Trees;

/// <summary>Unpacks archives into a step's files: ADD. What a file is, its first bytes say.</summary>
internal static class ArchiveTransfer
{
    private const int HeaderLength = 512;
    private const int MagicOffset = 257;

    /// <summary>Whether a file is a tar archive, plain or compressed with gzip, bzip2, xz or zstd.</summary>
    public static bool IsArchive(IFileTree tree, string path)
    {
        using var stream = new DescriptorReader(tree.Open(path));
        var start = new byte[HeaderLength];
        var count = stream.ReadAtLeast(start, HeaderLength, throwOnEndOfStream: false);
        var head = start.AsSpan(0, count);
        if (IsTar(head))
            return true;
        if (Decompression.Detect(head) == CompressionKind.None)
            return false;
        // Something compressed is an archive only if one is in it.
        using var content = Inflate(tree, path);
        count = content.ReadAtLeast(start, HeaderLength, throwOnEndOfStream: false);
        return IsTar(start.AsSpan(0, count));
    }

    /// <summary>Unpacks it. Nothing leaves the folder, whatever names and links the archive has.</summary>
    /// <exception cref="GantryException">It is damaged.</exception>
    public static void Unpack(IFileTree tree, string path, Fd folder, CancellationToken cancellation)
    {
        byte[] start = new byte[HeaderLength];
        using (var peek = new DescriptorReader(tree.Open(path)))
            _ = peek.ReadAtLeast(start, HeaderLength, throwOnEndOfStream: false);
        var content = IsTar(start) ? new DescriptorReader(tree.Open(path)) : Inflate(tree, path);
        using var directory = folder.Duplicate();
        using var target = new LayerTarget(directory, null, WhiteoutForm.Delete);
        LayerApplier.ApplyAsync(content, target, cancellation: cancellation).GetAwaiter().GetResult();
    }

    /// <summary>Takes it apart into a store, for files that are not to be as the archive says.</summary>
    /// <exception cref="GantryException">It is damaged.</exception>
    public static FileSet Read(IFileTree tree, string path, FileStore store, CancellationToken cancellation)
    {
        using var archive = new DescriptorReader(tree.Open(path));
        return new ArchiveContextReader(store).ReadAsync(archive, cancellation).GetAwaiter().GetResult();
    }

    private static Stream Inflate(IFileTree tree, string path) =>
        Decompression.OpenAsync(new DescriptorReader(tree.Open(path))).GetAwaiter().GetResult().Content;

    private static bool IsTar(ReadOnlySpan<byte> head)
    {
        if (head.Length < HeaderLength)
            return false;
        if (head[MagicOffset..].StartsWith("ustar"u8))
            return true;
        // Old archives have no magic: the sum over the header tells.
        long sum = 0, stored = 0;
        for (var i = 0; i < HeaderLength; i++)
            sum += i is >= 148 and < 156 ? ' ' : head[i];
        foreach (var digit in head[148..156])
        {
            if (digit is >= (byte)'0' and <= (byte)'7')
                stored = stored * 8 + digit - '0';
        }
        return head[0] != 0 && stored == sum;
    }
}
