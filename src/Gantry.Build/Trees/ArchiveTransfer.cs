using System.Diagnostics;
using Gantry.Build.Contexts;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
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
        if (Program(head) is null && !(count > 1 && head[0] == 0x1f && head[1] == 0x8b) && !head.StartsWith(s_zstd))
            return false;
        // Something compressed is an archive only if one is in it.
        using var content = Inflate(tree, path, head);
        count = content.ReadAtLeast(start, HeaderLength, throwOnEndOfStream: false);
        return IsTar(start.AsSpan(0, count));
    }

    /// <summary>Unpacks it. Nothing leaves the folder, whatever names and links the archive has.</summary>
    /// <exception cref="GantryException">It is damaged.</exception>
    public static void Unpack(IFileTree tree, string path, Fd folder, (uint User, uint Group)? owner, CancellationToken cancellation)
    {
        if (owner is not null)
            throw GantryException.NotImplemented($"ADD --chown of the archive {path}: unpack it without --chown, and change the owners in a RUN step");
        byte[] start = new byte[HeaderLength];
        using (var peek = new DescriptorReader(tree.Open(path)))
            _ = peek.ReadAtLeast(start, HeaderLength, throwOnEndOfStream: false);
        var content = IsTar(start) ? new DescriptorReader(tree.Open(path)) : Inflate(tree, path, start);
        using var directory = folder.Duplicate();
        using var target = new LayerTarget(directory, null, WhiteoutForm.Delete);
        LayerApplier.ApplyAsync(content, target, cancellation: cancellation).GetAwaiter().GetResult();
    }

    private static readonly byte[] s_zstd = [0x28, 0xb5, 0x2f, 0xfd];

    private static Stream Inflate(IFileTree tree, string path, ReadOnlySpan<byte> head)
    {
        if (Program(head) is not { } program)
            return Storage.Compression.Decompression.OpenAsync(new DescriptorReader(tree.Open(path))).GetAwaiter().GetResult().Content;
        using var file = tree.Open(path);
        // The framework cannot do these two; docker's own daemon has the same need of xz.
        var start = new ProcessStartInfo(program, ["-dc", $"/proc/{Environment.ProcessId}/fd/{file.Number}"]) { RedirectStandardOutput = true };
        try
        {
            var process = Process.Start(start)!;
            var all = new MemoryStream();
            process.StandardOutput.BaseStream.CopyTo(all);
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw GantryException.Invalid($"/{path} is damaged: {program} ended with {process.ExitCode}");
            all.Position = 0;
            return all;
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new GantryException(ErrorKind.Unavailable, $"/{path} is compressed with {program}, which is not installed on the host: install it", error);
        }
    }

    private static string? Program(ReadOnlySpan<byte> head) =>
        head.StartsWith("BZh"u8) ? "bzip2" : head is [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] ? "xz" : null;

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
