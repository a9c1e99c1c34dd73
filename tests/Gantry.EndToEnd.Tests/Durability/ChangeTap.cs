using System.Runtime.InteropServices;

namespace Gantry.EndToEnd.Tests.Durability;

/// <summary>
/// Runs a program, and everything that it starts, so that each system call that changes a file system's names or syncs it waits until it has
/// been looked at: a seccomp filter with a listener (seccomp_unotify(2)), inherited by all children. One call at a time, of all threads.
/// </summary>
internal sealed class ChangeTap : IDisposable
{
    private const int Allow = 0x7fff0000, Notify = 0x7fc00000, SetModeFilter = 1, NewListener = 8, NoSuchEntry = 2, Interrupted = 4;
    private const nuint Receive = 0xc0502100, Send = 0xc0182101;
    private const ulong CreateOrTruncate = 0x240;

    private readonly Action _beforeEach;
    private readonly Thread _server;
    private readonly int _listener;
    private volatile bool _stopped;
    private volatile Exception? _failure;
    private int _calls;

    /// <param name="start">Starts the program; the filter is that of the thread it is called on.</param>
    /// <param name="beforeEach">Called before each such call is made. On another thread.</param>
    public ChangeTap(Action start, Action beforeEach)
    {
        _beforeEach = beforeEach;
        var installed = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var launched = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() => Launch(start, installed, launched)) { IsBackground = true, Name = "filtered" }.Start();
        _listener = installed.Task.GetAwaiter().GetResult();
        _server = new Thread(Serve) { IsBackground = true, Name = "listener" };
        _server.Start();
        launched.Task.GetAwaiter().GetResult();
    }

    /// <summary>How many calls there were.</summary>
    public int Calls => Volatile.Read(ref _calls);

    public void Dispose()
    {
        _stopped = true;
        _server.Join();
        _ = close(_listener);
        Assert.True(_failure is null, _failure?.ToString());
    }

    private static void Launch(Action start, TaskCompletionSource<int> installed, TaskCompletionSource launched)
    {
        try
        {
            installed.SetResult(Install());
            start();
            launched.SetResult();
        }
        catch (Exception e)
        {
            installed.TrySetException(e);
            launched.TrySetException(e);
        }
    }

    private void Serve()
    {
        while (!_stopped)
        {
            var wait = new PollEntry { File = _listener, Events = 1 };
            if (poll(ref wait, 1, 50) <= 0 || (wait.Answered & 1) == 0)
                continue;
            var call = default(Notification);
            if (ioctl(_listener, Receive, ref call) != 0)
            {
                // The thread was interrupted or has ended, and does not wait any more.
                Assert.Contains(Marshal.GetLastPInvokeError(), (int[])[NoSuchEntry, Interrupted]);
                continue;
            }

            try
            {
                if (_failure is null)
                    _beforeEach();
            }
            catch (Exception e)
            {
                _failure = e;
            }

            Interlocked.Increment(ref _calls);
            var go = new Response { Id = call.Id, Flags = 1 };
            _ = ioctl(_listener, Send, ref go);
        }
    }

    private static int Install()
    {
        var filter = Filter();
        var pinned = GCHandle.Alloc(filter, GCHandleType.Pinned);
        try
        {
            var program = new Program { Length = (ushort)filter.Length, Instructions = pinned.AddrOfPinnedObject() };
            var number = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 277 : 317;
            var listener = (int)syscall(number, SetModeFilter, NewListener, ref program);
            return listener >= 0 ? listener : throw new InvalidOperationException($"seccomp: errno {Marshal.GetLastPInvokeError()}");
        }
        finally
        {
            pinned.Free();
        }
    }

    private static Instruction[] Filter()
    {
        const ushort loadWord = 0x20, jumpIfEqual = 0x15, jumpIfAny = 0x45, giveBack = 0x06;
        const uint number = 0, secondArgument = 24, thirdArgument = 32;
        var (always, open, openAt) = Numbers();
        var filter = new List<Instruction> { new(loadWord, 0, 0, number) };
        foreach (var call in always)
            filter.AddRange([new(jumpIfEqual, 0, 1, (uint)call), new(giveBack, 0, 0, Notify)]);
        // Of these only those that make or cut a file.
        foreach (var (call, flags) in (ReadOnlySpan<(int, uint)>)[(open, secondArgument), (openAt, thirdArgument)])
        {
            filter.AddRange(
            [
                new(jumpIfEqual, 0, 4, (uint)call), new(loadWord, 0, 0, flags), new(jumpIfAny, 0, 1, (uint)CreateOrTruncate), new(giveBack, 0, 0, Notify),
                new(giveBack, 0, 0, Allow),
            ]);
        }

        filter.Add(new(giveBack, 0, 0, Allow));
        return [.. filter];
    }

    /// <summary>mkdir, rmdir, rename, link, symlink, unlink, mknod, truncate, creat, fsync, fdatasync, syncfs, and their *at forms.</summary>
    private static (int[] Always, int Open, int OpenAt) Numbers() => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => ([74, 75, 76, 77, 82, 83, 84, 85, 86, 87, 88, 133, 258, 259, 263, 264, 265, 266, 306, 316], 2, 257),
        Architecture.Arm64 => ([33, 34, 35, 36, 37, 38, 45, 46, 82, 83, 267, 276], -1, 56),
        var other => throw new NotSupportedException($"system calls of {other}"),
    };

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    [StructLayout(LayoutKind.Sequential)]
    private struct Program
    {
        public ushort Length;
        public nint Instructions;
    }

    /// <summary>struct seccomp_notif.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 80)]
    private struct Notification
    {
        public ulong Id;
    }

    /// <summary>struct seccomp_notif_resp; flag 1: go on with the call.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Response
    {
        public ulong Id;
        public long Value;
        public int Error;
        public uint Flags;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int File;
        public short Events;
        public short Answered;
    }

    [DllImport("libc", SetLastError = true)]
    private static extern long syscall(long number, long operation, long flags, ref Program program);

    [DllImport("libc", SetLastError = true)]
    private static extern int ioctl(int file, nuint request, ref Notification notification);

    [DllImport("libc", SetLastError = true)]
    private static extern int ioctl(int file, nuint request, ref Response response);

    [DllImport("libc", SetLastError = true)]
    private static extern int poll(ref PollEntry entry, nuint count, int milliseconds);

    [DllImport("libc")]
    private static extern int close(int file);
}
