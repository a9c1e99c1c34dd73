using System.Runtime.InteropServices;
using Gantry.Os.Files;

namespace Gantry.Os.Mounts;

/// <summary>Mounts that are attached nowhere, made from existing ones (open_tree(2), mount_setattr(2), move_mount(2)).</summary>
public static unsafe partial class DetachedMount
{
    /// <summary>A bind mount of a directory or file, attached nowhere (open_tree(2) with OPEN_TREE_CLONE).</summary>
    /// <param name="directory">Where a relative path starts; null: absolute path.</param>
    /// <param name="path">What to bind; empty: <paramref name="directory"/> itself.</param>
    /// <param name="recursive">With the mounts below it.</param>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static Fd Clone(Fd? directory, ReadOnlySpan<byte> path, bool recursive = false)
    {
        var flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (path.IsEmpty ? AT_EMPTY_PATH : 0) | (recursive ? AT_RECURSIVE : 0);
        // Safe: the path is NUL-terminated and pinned over the call.
        fixed (byte* name = KernelPath.Terminate(path, stackalloc byte[KernelPath.Room(path)]))
        {
            var mount = syscall(SYS_open_tree, KernelPath.Directory(directory), (nint)name, flags, 0, 0);
            return mount >= 0 ? new Fd((int)mount) : throw new OsException($"open_tree {KernelPath.ToText(path)}", Libc.LastError);
        }
    }

    /// <summary>Sets attributes of a mount (mount_setattr(2), Linux 5.12).</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void SetAttributes(Fd mount, MountAttributes set, bool recursive = false)
    {
        var attributes = new MountAttr { Set = (ulong)set };
        byte empty = 0;
        // Safe: both arguments are on this frame, and the structure's size is passed.
        var flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
        if (syscall(SYS_mount_setattr, mount.Number, (nint)(&empty), flags, (nint)(&attributes), sizeof(MountAttr)) != 0)
            throw new OsException($"set attributes {set} of mount {mount}", Libc.LastError);
    }

    /// <summary>Attaches a detached mount at a path of this thread's mount namespace (move_mount(2)).</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void Attach(Fd mount, string path)
    {
        byte empty = 0;
        var target = KernelPath.FromText(path);
        fixed (byte* name = KernelPath.Terminate(target, stackalloc byte[KernelPath.Room(target)]))
            if (syscall(SYS_move_mount, mount.Number, (nint)(&empty), KernelPath.AtWorkingDirectory, (nint)name, MOVE_MOUNT_F_EMPTY_PATH) != 0)
                throw new OsException($"attach mount at {path}", Libc.LastError);
    }

    /// <summary>Attaches a detached mount on an open file or directory, which is therefore what was looked at, whatever its path says by now.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void Attach(Fd mount, Fd target)
    {
        byte empty = 0;
        // Safe: both paths are the empty string on this frame.
        const nint flags = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;
        if (syscall(SYS_move_mount, mount.Number, (nint)(&empty), target.Number, (nint)(&empty), flags) != 0)
            throw new OsException($"attach mount on {target}", Libc.LastError);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct MountAttr
    {
        public ulong Set;
        public ulong Clear;
        public ulong Propagation;
        public ulong UserNamespace;
    }

    private const nint SYS_open_tree = 428;
    private const nint SYS_move_mount = 429;
    private const nint SYS_mount_setattr = 442;
    private const nint OPEN_TREE_CLONE = 1;
    private const nint OPEN_TREE_CLOEXEC = 0x80000;
    private const nint AT_EMPTY_PATH = 0x1000;
    private const nint AT_RECURSIVE = 0x8000;
    private const nint MOVE_MOUNT_F_EMPTY_PATH = 4;
    private const nint MOVE_MOUNT_T_EMPTY_PATH = 0x40;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e);
}
