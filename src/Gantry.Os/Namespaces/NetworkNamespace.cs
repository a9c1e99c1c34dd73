using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Gantry.Os.Files;

namespace Gantry.Os.Namespaces;

/// <summary>Network namespaces (network_namespaces(7)), held by descriptor: one lives as long as a descriptor or a process refers to it.</summary>
public static partial class NetworkNamespace
{
    /// <summary>Makes a namespace with nothing but a loopback interface that is down.</summary>
    /// <exception cref="OsException">EPERM, or no more namespaces may be made (ENOSPC).</exception>
    public static Fd Create() => OnThreadOfItsOwn(static () =>
    {
        if (unshare(CLONE_NEWNET) < 0)
            throw new OsException("make a network namespace", Libc.LastError);
        return FileOpener.Open("/proc/thread-self/ns/net", OpenFlags.ReadOnly);
    });

    /// <summary>Opens the namespace of a process.</summary>
    /// <exception cref="OsException">ENOENT: the process has ended.</exception>
    public static Fd OfProcess(int processId) => FileOpener.Open($"/proc/{processId}/ns/net", OpenFlags.ReadOnly);

    /// <summary>Runs <paramref name="work"/> inside a namespace, on a thread that ends with it; sockets opened there stay in the namespace.</summary>
    /// <exception cref="OsException">The namespace cannot be entered.</exception>
    public static T Run<T>(Fd networkNamespace, Func<T> work) => OnThreadOfItsOwn(() =>
    {
        if (setns(networkNamespace.Number, CLONE_NEWNET) < 0)
            throw new OsException("enter a network namespace", Libc.LastError);
        return work();
    });

    /// <summary>
    /// Runs <paramref name="work"/> inside a namespace, on the calling thread: for a program whose one thread does this often. The work must not
    /// wait for anything, nor start threads. Should the thread be unable to go back, the program ends: its next socket would be in the wrong place.
    /// </summary>
    /// <param name="networkNamespace">Where to.</param>
    /// <param name="home">The thread's own namespace.</param>
    /// <param name="work">What to do.</param>
    /// <exception cref="OsException">The namespace cannot be entered.</exception>
    public static T RunHere<T>(Fd networkNamespace, Fd home, Func<T> work)
    {
        if (setns(networkNamespace.Number, CLONE_NEWNET) < 0)
            throw new OsException("enter a network namespace", Libc.LastError);
        try
        {
            return work();
        }
        finally
        {
            if (setns(home.Number, CLONE_NEWNET) < 0)
                Environment.FailFast("a thread cannot go back into its network namespace");
        }
    }

    /// <summary>Opens the namespace of the calling thread.</summary>
    /// <exception cref="OsException">No descriptor was left.</exception>
    public static Fd OfThisThread() => FileOpener.Open("/proc/thread-self/ns/net", OpenFlags.ReadOnly);

    /// <summary>A thread of the pool that failed to go back would take others' work into the container: so the thread is given up.</summary>
    private static T OnThreadOfItsOwn<T>(Func<T> work)
    {
        const int stackSize = 256 << 10;
        T? result = default;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }, stackSize) { IsBackground = true, Name = "network namespace" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    private const int CLONE_NEWNET = 0x40000000;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int unshare(int flags);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int setns(int fd, int type);
}
