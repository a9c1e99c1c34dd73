using System.Runtime.InteropServices;

namespace Gantry.Os.Mounts;

/// <summary>A change of a mount's attributes, laid out as the kernel's <c>struct mount_attr</c> (mount_setattr(2)).</summary>
/// <param name="Set">Attributes to set.</param>
/// <param name="Clear">Attributes to clear, before.</param>
/// <param name="Propagation">MS_SHARED, MS_PRIVATE, MS_SLAVE or MS_UNBINDABLE; 0: unchanged.</param>
/// <param name="UserNamespace">The user namespace of an idmapped mount.</param>
[StructLayout(LayoutKind.Sequential)]
public readonly partial record struct MountAttributeChange(ulong Set, ulong Clear, ulong Propagation, ulong UserNamespace)
{
    /// <summary>Bytes of the structure.</summary>
    public const int Size = 32;

    /// <summary>Applies the change.</summary>
    /// <param name="mount">A mount, attached or not.</param>
    /// <param name="recursive">To the mounts below it as well.</param>
    /// <param name="subject">What is mounted, for errors.</param>
    /// <exception cref="OsException">The kernel refused.</exception>
    public void Apply(Fd mount, bool recursive, string subject)
    {
        if (Native.Apply(mount.Number, this, recursive) != 0)
            throw new OsException($"set mount attributes of {subject}", Libc.LastError);
    }

    private static unsafe partial class Native
    {
        private const nint SYS_mount_setattr = 442;
        private const nint AT_EMPTY_PATH = 0x1000;
        private const nint AT_RECURSIVE = 0x8000;

        internal static nint Apply(int mount, MountAttributeChange change, bool recursive)
        {
            byte empty = 0;
            // Safe: both arguments are on this frame, and the structure's size is passed.
            return syscall(SYS_mount_setattr, mount, (nint)(&empty), AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0), (nint)(&change), Size);
        }

        [LibraryImport(Libc.Name, SetLastError = true)]
        private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e);
    }
}
