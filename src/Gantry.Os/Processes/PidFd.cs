using System.Globalization;
using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>Operations on a process by its pidfd (pidfd_open(2)), which can never come to mean another process.</summary>
public static partial class PidFd
{
    /// <summary>Opens a pidfd of a running process or a zombie.</summary>
    /// <param name="pid">Its process ID as this process sees it.</param>
    /// <param name="error">Why not, e.g. ESRCH.</param>
    /// <returns>The pidfd; null after an error.</returns>
    public static Fd? TryOpen(int pid, out Errno error)
    {
        var number = syscall(SYS_pidfd_open, pid, 0, 0, 0, 0);
        error = number < 0 ? Libc.LastError : default;
        return number < 0 ? null : new Fd((int)number);
    }

    /// <summary>Sends a signal (pidfd_send_signal(2)).</summary>
    /// <returns>The error; ESRCH when the process has ended and was reaped.</returns>
    public static Errno SendSignal(Fd pidFd, int signal) =>
        syscall(SYS_pidfd_send_signal, pidFd.Number, signal, 0, 0, 0) < 0 ? Libc.LastError : default;

    /// <summary>
    /// How a child of this process ended, without reaping it (waitid(2), P_PIDFD with WNOWAIT): the code can be written down while
    /// the kernel still keeps it for whoever comes after this process.
    /// </summary>
    /// <returns>The status; null when it runs, is no child of this process, or was reaped.</returns>
    public static unsafe ProcessExitStatus? PeekExitStatus(Fd pidFd)
    {
        var information = stackalloc byte[128];
        *(int*)(information + PidOffset) = 0;
        if (waitid(P_PIDFD, (uint)pidFd.Number, information, WEXITED | WNOHANG | WNOWAIT | WALL) < 0 || *(int*)(information + PidOffset) == 0)
            return null;
        var status = *(int*)(information + StatusOffset);
        return *(int*)(information + CodeOffset) == CLD_EXITED ? new(status, 0) : new(128 + status, status);
    }

    /// <summary>How a process ended that has been reaped by whomever (PIDFD_GET_INFO with PIDFD_INFO_EXIT, Linux 6.15).</summary>
    /// <returns>The status; null when it runs, is not reaped yet, or the kernel is older.</returns>
    public static unsafe ProcessExitStatus? ReapedExitStatus(Fd pidFd)
    {
        // struct pidfd_info, 64 bytes since 6.12: mask (u64) first, exit_code (s32) at 60.
        var information = stackalloc byte[64];
        new Span<byte>(information, 64).Clear();
        *(ulong*)information = PIDFD_INFO_EXIT;
        if (ioctl(pidFd.Number, PIDFD_GET_INFO, information) < 0 || (*(ulong*)information & PIDFD_INFO_EXIT) == 0)
            return null;
        return FromWaitStatus(*(int*)(information + 60));
    }

    /// <summary>How a zombie ended, from the last field of /proc/PID/stat (proc_pid_stat(5)); for a process that is not a child.</summary>
    /// <param name="pidFd">Its pidfd, by which the answer is known to belong to it.</param>
    /// <param name="pid">Its process ID.</param>
    /// <returns>The status; null when it runs or was reaped.</returns>
    public static ProcessExitStatus? ZombieExitStatus(Fd pidFd, int pid)
    {
        var fields = ReadStatFields(pid);
        // Signal 0 fails with ESRCH once it is reaped: only then could the number have come to mean another process.
        if (fields is null || fields.Length < 50 || fields[0] is not ("Z" or "X") || SendSignal(pidFd, 0) == Errno.ESRCH)
            return null;
        return int.TryParse(fields[49], CultureInfo.InvariantCulture, out var status) ? FromWaitStatus(status) : null;
    }

    /// <summary>When a process started, in clock ticks since boot (field 22 of /proc/PID/stat): with the ID and the boot it names a process for good.</summary>
    /// <returns>The ticks; null when there is no such process.</returns>
    public static long? StartTicks(int pid) =>
        ReadStatFields(pid) is { Length: > 19 } fields && long.TryParse(fields[19], CultureInfo.InvariantCulture, out var ticks) ? ticks : null;

    /// <summary>Makes this process the parent of orphaned descendants (PR_SET_CHILD_SUBREAPER of prctl(2)).</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public static void BecomeSubreaper()
    {
        if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
            throw new OsException("become a child subreaper", Libc.LastError);
    }

    /// <summary>The ID of some child of this process that has ended and is not reaped yet; null: there is none.</summary>
    public static unsafe int? FindZombieChild()
    {
        var information = stackalloc byte[128];
        *(int*)(information + PidOffset) = 0;
        return waitid(P_ALL, 0, information, WEXITED | WNOHANG | WNOWAIT | WALL) == 0 && *(int*)(information + PidOffset) != 0
            ? *(int*)(information + PidOffset)
            : null;
    }

    /// <summary>Reaps a process if it is a child of this process and has ended.</summary>
    public static unsafe void Reap(Fd pidFd)
    {
        var information = stackalloc byte[128];
        // ECHILD: it is somebody else's, or reaped.
        _ = waitid(P_PIDFD, (uint)pidFd.Number, information, WEXITED | WNOHANG | WALL);
    }

    /// <summary>Reaps a child of this process that has ended, if it has.</summary>
    public static unsafe void Reap(int pid)
    {
        var information = stackalloc byte[128];
        // ECHILD: somebody else was faster.
        _ = waitid(P_PID, (uint)pid, information, WEXITED | WNOHANG | WALL);
    }

    private static ProcessExitStatus FromWaitStatus(int status) =>
        (status & 0x7f) is var signal and not 0 ? new(128 + signal, signal) : new((status >> 8) & 0xff, 0);

    /// <summary>The fields from the third on: the second, the name, may hold spaces and parentheses.</summary>
    private static string[]? ReadStatFields(int pid)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{pid}/stat");
            return text[(text.LastIndexOf(')') + 2)..].TrimEnd().Split(' ');
        }
        catch (IOException)
        {
            return null;
        }
    }

    private const nint SYS_pidfd_send_signal = 424, SYS_pidfd_open = 434;
    private const int P_ALL = 0, P_PID = 1, P_PIDFD = 3;
    private const int WNOHANG = 1, WEXITED = 4, WNOWAIT = 0x1000000, WALL = 0x40000000, CLD_EXITED = 1;
    // In siginfo_t (x86-64): si_code, si_pid, si_status.
    private const int CodeOffset = 8, PidOffset = 16, StatusOffset = 24;
    private const int PR_SET_CHILD_SUBREAPER = 36;
    private const ulong PIDFD_INFO_EXIT = 1 << 3;
    private const nuint PIDFD_GET_INFO = 0xC040FF0B; // _IOWR(0xFF, 11, 64 bytes)

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial nint syscall(nint number, nint one, nint two, nint three, nint four, nint five);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int waitid(int type, uint id, byte* information, int options);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static unsafe partial int ioctl(int fd, nuint request, byte* argument);

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int prctl(int option, nuint two, nuint three, nuint four, nuint five);
}
