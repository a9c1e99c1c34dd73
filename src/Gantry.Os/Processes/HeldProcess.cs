namespace Gantry.Os.Processes;

/// <summary>
/// A child that has not executed its file yet: it waits, in the memory of this process, for what its program says. The end of this process
/// does not disturb it.
/// </summary>
public sealed unsafe class HeldProcess
{
    private readonly SpawnBlock _block;

    internal HeldProcess(int pid, Fd pidFd, SpawnBlock block) => (Pid, PidFd, _block) = (pid, pidFd, block);

    /// <summary>The child's process ID.</summary>
    public int Pid { get; }

    /// <summary>The child's pidfd.</summary>
    public Fd PidFd { get; }

    /// <summary>
    /// Says how the program ended, reaps the child if it failed, and frees its memory. To be called only once the child has executed or
    /// ended: when the pipe it holds has no writer any more, or when the pidfd is ready.
    /// </summary>
    public SpawnResult Conclude()
    {
        var result = ProcessSpawner.Conclude(Pid, PidFd, _block);
        _block.Dispose();
        return result;
    }
}
