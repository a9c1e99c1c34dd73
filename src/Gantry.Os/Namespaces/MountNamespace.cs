using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Gantry.Os.Files;

namespace Gantry.Os.Namespaces;

/// <summary>
/// Mount namespaces (mount_namespaces(7)) of other processes. A mount can be copied only by a thread that is in its namespace (open_tree(2)).
/// </summary>
public static partial class MountNamespace
{
    /// <summary>Runs <paramref name="work"/> in the namespace of a process, its root being the thread's, on a thread that ends with it.</summary>
    /// <exception cref="OsException">The process has ended, or the namespace cannot be entered; or whatever <paramref name="work"/> throws.</exception>
    public static T Run<T>(int processId, Func<T> work)
    {
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(processId);
                result = work();
            }
            catch (Exception error)
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        }) { IsBackground = true, Name = "mount namespace" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    private static void Enter(int processId)
    {
        using var space = FileOpener.Open($"/proc/{processId}/ns/mnt", OpenFlags.ReadOnly);
        // A thread that shares its root and working directory with others cannot go elsewhere (setns(2)).
        if (unshare(CLONE_FS) < 0)
            throw new OsException("part with the other threads' root", Libc.LastError);
        if (setns(space.Number, CLONE_NEWNS) < 0)
            throw new OsException("enter a mount namespace", Libc.LastError);
    }

    private const int CLONE_FS = 0x200;
    private const int CLONE_NEWNS = 0x20000;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int setns(int fd, int type);
}
