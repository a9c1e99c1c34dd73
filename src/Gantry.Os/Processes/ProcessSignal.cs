using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>Sending signals by process number (kill(2)), for processes that cannot go away meanwhile, such as those of a frozen cgroup.</summary>
public static partial class ProcessSignal
{
    /// <summary>SIGKILL.</summary>
    public const int Kill = 9;

    /// <summary>Sends <paramref name="signal"/>; ESRCH when there is no such process.</summary>
    public static Errno TrySend(int process, int signal) => kill(process, signal) == 0 ? default : Libc.LastError;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int kill(int process, int signal);
}
