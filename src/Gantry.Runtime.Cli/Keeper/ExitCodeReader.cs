using Gantry.Os;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>Finds out how a process ended, whoever its parent is.</summary>
internal static class ExitCodeReader
{
    /// <summary>The code docker shows for a process whose end nobody saw.</summary>
    public const int UnknownCode = 255;

    /// <summary>How a process ended whose pidfd is readable; nothing is reaped.</summary>
    /// <param name="id">Its ID, for the result.</param>
    /// <param name="pidFd">Its pidfd.</param>
    /// <param name="pid">Its process ID.</param>
    public static ProcessExit Read(string id, Fd pidFd, int pid)
    {
        // 1. A child of ours. 2. The child of an earlier keeper: a zombie of the daemon's, until that reaps it. 3. Reaped meanwhile: the
        // kernel keeps the code in the pidfd. Between 2 and 3 it may have been reaped, so 3 comes last. 4. An older kernel: nobody knows.
        var status = PidFd.PeekExitStatus(pidFd) ?? PidFd.ZombieExitStatus(pidFd, pid) ?? PidFd.ReapedExitStatus(pidFd);
        return status is { } known
            ? new ProcessExit(id, known.Code, known.Signal == 0 ? null : known.Signal, DateTimeOffset.UtcNow, true)
            : new ProcessExit(id, UnknownCode, null, DateTimeOffset.UtcNow, false);
    }
}
