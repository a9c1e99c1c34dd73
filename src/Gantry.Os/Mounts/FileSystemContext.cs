using System.Runtime.InteropServices;
using System.Text;
using Gantry.Os.Files;

namespace Gantry.Os.Mounts;

/// <summary>Attributes of a mount (<c>MOUNT_ATTR_*</c>, mount_setattr(2)).</summary>
[Flags]
public enum MountAttributes : ulong
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Read-only.</summary>
    ReadOnly = 1,

    /// <summary>Set-user-ID bits and file capabilities have no effect.</summary>
    NoSetUserId = 2,

    /// <summary>Device nodes cannot be opened.</summary>
    NoDevices = 4,

    /// <summary>Nothing can be executed.</summary>
    NoExecute = 8,
}

/// <summary>
/// A file system being configured (fsopen(2), fsconfig(2), fsmount(2); Linux 5.2). The result is a mount that is attached nowhere: it
/// lives as long as its descriptor, and nobody sees it before move_mount(2) puts it somewhere.
/// </summary>
public sealed partial class FileSystemContext : IDisposable
{
    private readonly Fd _context;
    private readonly string _type;

    private FileSystemContext(Fd context, string type)
    {
        _context = context;
        _type = type;
    }

    /// <summary>Begins to configure a file system of a type, e.g. <c>overlay</c>.</summary>
    /// <exception cref="OsException">ENODEV: the kernel has no such type. ENOSYS: it has no fsopen(2). EPERM: no CAP_SYS_ADMIN.</exception>
    public static unsafe FileSystemContext Open(string type)
    {
        // Safe: the type is NUL-terminated and pinned over the call; so are keys and values below.
        fixed (byte* name = Encoding.UTF8.GetBytes(type + '\0'))
        {
            var context = syscall(SYS_fsopen, (nint)name, FSOPEN_CLOEXEC, 0, 0, 0);
            return context >= 0 ? new FileSystemContext(new Fd((int)context), type) : throw new OsException($"fsopen {type}", Libc.LastError);
        }
    }

    /// <summary>Sets a text parameter of at most 255 bytes (fsconfig(2) FSCONFIG_SET_STRING).</summary>
    /// <returns>EINVAL when the kernel does not know the key, or not the value.</returns>
    public unsafe Errno TrySet(string key, ReadOnlySpan<byte> value)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(key + '\0'))
        fixed (byte* text = KernelPath.Terminate(value, stackalloc byte[KernelPath.Room(value)]))
            return Result(syscall(SYS_fsconfig, _context.Number, FSCONFIG_SET_STRING, (nint)name, (nint)text, 0));
    }

    /// <inheritdoc cref="TrySet"/>
    /// <exception cref="OsException">The kernel refused; the message has the reason that it gave, if any.</exception>
    public void Set(string key, ReadOnlySpan<byte> value) => Check(TrySet(key, value), $"set {key}={KernelPath.ToText(value)}");

    /// <summary>Sets a parameter without a value, such as <c>ro</c> (FSCONFIG_SET_FLAG).</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public unsafe void SetFlag(string key)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(key + '\0'))
            Check(Result(syscall(SYS_fsconfig, _context.Number, FSCONFIG_SET_FLAG, (nint)name, 0, 0)), $"set {key}");
    }

    /// <summary>Makes the file system and returns its mount, attached nowhere.</summary>
    /// <exception cref="OsException">The kernel refused; the message has the reason that it gave, if any.</exception>
    public Fd Mount(MountAttributes attributes = MountAttributes.None)
    {
        Check(Result(syscall(SYS_fsconfig, _context.Number, FSCONFIG_CMD_CREATE, 0, 0, 0)), "create");
        var mount = syscall(SYS_fsmount, _context.Number, FSMOUNT_CLOEXEC, (nint)attributes, 0, 0);
        if (mount < 0)
            Check(Libc.LastError, "fsmount");
        return new Fd((int)mount);
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private void Check(Errno error, string operation)
    {
        if (error == default)
            return;
        var reason = ReadMessages();
        throw new OsException($"mount {_type}: {operation}{(reason.Length > 0 ? $" ({reason})" : "")}", error);
    }

    // The context is readable: one message of the kernel for each read, led by "e ", "w " or "i "; ENODATA at the end.
    private unsafe string ReadMessages()
    {
        var messages = new List<string>();
        var buffer = stackalloc byte[512];
        nint length;
        while ((length = read(_context.Number, buffer, 512)) > 0)
            messages.Add(Encoding.UTF8.GetString(buffer, (int)length).TrimEnd('\n'));
        return string.Join("; ", messages);
    }

    private static Errno Result(nint answer) => answer == 0 ? default : Libc.LastError;

    private const nint SYS_fsopen = 430;
    private const nint SYS_fsconfig = 431;
    private const nint SYS_fsmount = 432;
    private const nint FSOPEN_CLOEXEC = 1;
    private const nint FSMOUNT_CLOEXEC = 1;
    private const nint FSCONFIG_SET_FLAG = 0;
    private const nint FSCONFIG_SET_STRING = 1;
    private const nint FSCONFIG_CMD_CREATE = 6;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial nint read(int file, byte* buffer, nuint size);
}
