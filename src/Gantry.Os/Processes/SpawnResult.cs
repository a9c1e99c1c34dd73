namespace Gantry.Os.Processes;

/// <summary>How a spawn ended.</summary>
/// <param name="Pid">The child's process ID; 0 when it failed (the child is reaped then).</param>
/// <param name="PidFd">The child's pidfd; null when it failed.</param>
/// <param name="FailedOperation">The operation that failed, an index into the program's stages; -1: none.</param>
/// <param name="Error">Its error. ECHILD: the child was killed at that operation.</param>
public readonly record struct SpawnResult(int Pid, Fd? PidFd, int FailedOperation, Errno Error)
{
    /// <summary>The failure as an exception that names the stage.</summary>
    /// <param name="program">The program that was run.</param>
    public OsException ToException(ProcessProgram program) => new(program.Stages[FailedOperation], Error);
}
