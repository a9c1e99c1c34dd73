using System.Runtime.InteropServices;
using Gantry.Os.Files;

namespace Gantry.Os.Mounts;

/// <summary>Mounts that the whole machine sees: mount(2) and umount2(2) in this process's own mount namespace.</summary>
public static unsafe partial class HostMount
{
    /// <summary>Mounts on a directory that is open, so that what is mounted on is what was looked at.</summary>
    /// <param name="source">A device, folder or name, as the type has it.</param>
    /// <param name="target">The directory.</param>
    /// <param name="type">The filesystem's type; empty for a bind mount.</param>
    /// <param name="flags"><c>MS_*</c> of mount(2).</param>
    /// <param name="data">What the filesystem is told.</param>
    /// <returns>What the kernel answered; zero when it is mounted.</returns>
    public static Errno TryMount(string source, Fd target, string type, ulong flags, string data)
    {
        // Safe: all texts are NUL-terminated copies that stay pinned over the call.
        fixed (byte* from = Text(source))
        fixed (byte* on = Text(target.ProcPath))
        fixed (byte* kind = Text(type))
        fixed (byte* options = Text(data))
            return mount(from, on, kind, (nuint)flags, options) == 0 ? default : Libc.LastError;
    }

    /// <summary>Unmounts what is topmost at a path, which is not followed when it is a symbolic link.</summary>
    /// <param name="path">The absolute path.</param>
    /// <param name="detach">Whether it only disappears from there now and ends with its last user (MNT_DETACH).</param>
    /// <returns>EBUSY: it is in use. EINVAL: nothing is mounted there.</returns>
    public static Errno TryUnmount(string path, bool detach)
    {
        fixed (byte* name = Text(path))
            return umount2(name, UMOUNT_NOFOLLOW | (detach ? MNT_DETACH : 0)) == 0 ? default : Libc.LastError;
    }

    private static byte[] Text(string text) => [.. KernelPath.FromText(text), 0];

    private const int MNT_DETACH = 2;
    private const int UMOUNT_NOFOLLOW = 8;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int mount(byte* source, byte* target, byte* type, nuint flags, byte* data);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int umount2(byte* target, int flags);
}
