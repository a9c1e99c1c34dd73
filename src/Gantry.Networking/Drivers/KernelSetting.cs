using System.Text;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Networking.Drivers;

/// <summary>Settings of the kernel for the network namespace of the calling thread (<c>/proc/sys/net</c>).</summary>
internal static class KernelSetting
{
    /// <exception cref="OsException">It is not there, or cannot have this value.</exception>
    internal static void Write(string path, string value)
    {
        using var file = FileOpener.Open(path, OpenFlags.WriteOnly);
        FileData.Write(file, Encoding.UTF8.GetBytes(value));
    }

    /// <summary>As <see cref="Write"/>, where a kernel that lacks the setting lacks what it switches off as well.</summary>
    internal static void WriteIfThere(string path, string value)
    {
        using var file = FileOpener.TryOpen(null, KernelPath.FromText(path), OpenFlags.WriteOnly, 0, out var error);
        if (file is not null)
            FileData.Write(file, Encoding.UTF8.GetBytes(value));
        else if (error != Errno.ENOENT)
            throw new OsException($"open {path}", error);
    }

    /// <summary>The value, without the end of line; empty where there is no such setting.</summary>
    internal static string Read(string path)
    {
        Span<byte> buffer = stackalloc byte[64];
        using var file = FileOpener.TryOpen(null, KernelPath.FromText(path), OpenFlags.ReadOnly, 0, out _);
        return file is null ? "" : Encoding.UTF8.GetString(buffer[..FileData.Read(file, buffer)]).Trim();
    }
}
