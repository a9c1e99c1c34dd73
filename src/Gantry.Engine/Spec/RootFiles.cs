using System.Text;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Engine.Spec;

/// <summary>Small files of a container's root filesystem, read without ever leaving it (openat2(2), RESOLVE_IN_ROOT).</summary>
/// <param name="root">The root.</param>
internal sealed class RootFiles(Fd root)
{
    // A passwd file of more than this is not one; the image's author chooses its size, not we.
    private const int MaximumBytes = 4 << 20;

    /// <summary>A file's text; empty when there is none, or it is no regular file.</summary>
    public string ReadText(string path)
    {
        using var file = FileOpener.TryOpenWithin(
            root, KernelPath.FromText(path), OpenFlags.ReadOnly | OpenFlags.NonBlocking, ResolveFlags.InRoot | ResolveFlags.NoMagicLinks, 0, out _);
        if (file is null || !FileStatusReader.Read(file).IsRegular)
            return "";
        using var stream = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(file.Release(), ownsHandle: true), FileAccess.Read, bufferSize: 0);
        var bytes = new byte[Math.Min(stream.Length, MaximumBytes)];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(bytes, 0, count);
    }
}
