using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Gantry.Os.Mounts;

/// <summary>
/// Work with mounts that nobody else is to see: on a thread of its own, in a mount namespace of its own (unshare(2)), which both end with
/// the work. A descriptor from <see cref="DetachedMount.Clone"/> is the only thing that comes out.
/// </summary>
public static unsafe partial class PrivateMounts
{
    /// <summary>Runs <paramref name="work"/> there; relative paths are the thread's own too.</summary>
    /// <exception cref="OsException">The kernel refused; or whatever <paramref name="work"/> throws.</exception>
    public static T Run<T>(Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Isolate();
                result = work();
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    /// <summary>mount(2). Inside <see cref="Run"/> only.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void Mount(string type, string target, string data = "")
    {
        // Safe: all texts are NUL-terminated and pinned over the call; so below.
        fixed (byte* name = Encoding.UTF8.GetBytes(type + '\0'))
        fixed (byte* path = Encoding.UTF8.GetBytes(target + '\0'))
        fixed (byte* options = Encoding.UTF8.GetBytes(data + '\0'))
            if (mount(name, path, name, 0, options) != 0)
                throw new OsException($"mount {type} at {target}", Libc.LastError);
    }

    /// <summary>Changes this thread's working directory. Inside <see cref="Run"/> only.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void ChangeDirectory(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
            if (chdir(name) != 0)
                throw new OsException($"change directory to {path}", Libc.LastError);
    }

    private static void Isolate()
    {
        if (unshare(CLONE_NEWNS | CLONE_FS) != 0)
            throw new OsException("unshare the mount namespace", Libc.LastError);
        // Without this, mounts would propagate to the namespace that this one was copied from.
        fixed (byte* root = "/\0"u8)
            if (mount(null, root, null, MS_REC | MS_PRIVATE, null) != 0)
                throw new OsException("make mounts private", Libc.LastError);
    }

    private const int CLONE_FS = 0x200;
    private const int CLONE_NEWNS = 0x20000;
    private const nuint MS_REC = 0x4000;
    private const nuint MS_PRIVATE = 0x40000;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int chdir(byte* path);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int mount(byte* source, byte* target, byte* type, nuint flags, byte* data);
}
