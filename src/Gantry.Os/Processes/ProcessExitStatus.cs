using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>How a process ended.</summary>
/// <param name="Code">Its exit code, or 128 and the signal's number.</param>
/// <param name="Signal">The signal that ended it; 0: it exited by itself.</param>
public readonly partial record struct ProcessExitStatus(int Code, int Signal)
{
    /// <summary>Waits for a child of this process to end, and reaps it (waitid(2), P_PIDFD).</summary>
    /// <param name="pidFd">The child's pidfd.</param>
    /// <exception cref="OsException">It is not a child of this process, or was reaped already (ECHILD).</exception>
    public static ProcessExitStatus Wait(Fd pidFd) => Native.Wait(pidFd, 0)!.Value;

    /// <summary>Reaps a child of this process if it has ended; null: it runs.</summary>
    /// <param name="pidFd">The child's pidfd.</param>
    /// <exception cref="OsException">It is not a child of this process, or was reaped already (ECHILD).</exception>
    public static ProcessExitStatus? TryWait(Fd pidFd) => Native.Wait(pidFd, Native.WNOHANG);

    private static unsafe partial class Native
    {
        internal const int WNOHANG = 1;
        private const int P_PIDFD = 3;
        private const int WEXITED = 4;
        private const int WALL = 0x40000000;
        private const int CLD_EXITED = 1;

        /// <summary>Offsets in <c>siginfo_t</c> (x86-64): si_code, si_pid, si_status.</summary>
        private const int CodeOffset = 8, PidOffset = 16, StatusOffset = 24;

        internal static ProcessExitStatus? Wait(Fd pidFd, int flags)
        {
            var information = stackalloc byte[128];
            *(int*)(information + PidOffset) = 0;
            while (waitid(P_PIDFD, (uint)pidFd.Number, information, WEXITED | WALL | flags) != 0)
            {
                if (Libc.LastError != Errno.EINTR)
                    throw new OsException("wait for a process", Libc.LastError);
            }
            if (*(int*)(information + PidOffset) == 0)
                return null;
            var status = *(int*)(information + StatusOffset);
            return *(int*)(information + CodeOffset) == CLD_EXITED ? new(status, 0) : new(128 + status, status);
        }

        [LibraryImport(Libc.Name, SetLastError = true)]
        private static partial int waitid(int type, uint id, byte* information, int options);
    }
}
