using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>
/// Creates processes from programs, with <c>clone3(CLONE_VM | CLONE_VFORK)</c>: the child walks its program in the memory of this process and
/// on a stack of its own, so its cost does not depend on the size of this process. A program that gives birth into a pid namespace of others
/// leaves this process's memory first (<see cref="BirthStage"/>). Can be used by several threads at once.
/// </summary>
/// <remarks>
/// A child that changes its user makes this process not dumpable, as they share their memory's attributes (prctl(2), PR_SET_DUMPABLE).
/// That is left so: nobody inside a container may look at this process through /proc.
/// </remarks>
public sealed unsafe class ProcessSpawner
{
    private const ulong CLONE_VM = 0x100;
    private const ulong CLONE_PIDFD = 0x1000;
    private const ulong CLONE_VFORK = 0x4000;
    private const ulong CLONE_CLEAR_SIGHAND = 0x1_0000_0000;
    private const ulong CLONE_INTO_CGROUP = 0x2_0000_0000;
    private const int SIGCHLD = 17;
    private const int SIGKILL = 9;
    private const int SIG_SETMASK = 2;
    private const long SignalSetSize = 8;
    private const int LastErrno = 4095;

    private readonly SystemCallStub _stub;
    private readonly delegate* managed<void*, nint, ChildContext*, void> _child;
    private readonly nint _childCode;

    /// <summary>Makes the executable page, and has the child's method compiled.</summary>
    /// <exception cref="OsException">No executable memory is to be had.</exception>
    public ProcessSpawner()
    {
        _stub = new SystemCallStub();
        _child = &ChildProcess.Run;
        _childCode = Rehearse();
    }

    /// <summary>Runs a program in a new process and returns when that has executed its file, or failed.</summary>
    /// <param name="program">What the child does.</param>
    /// <param name="descriptors">The numbers of the descriptors the program refers to; the caller keeps them open meanwhile.</param>
    /// <exception cref="OsException">No process could be created.</exception>
    public SpawnResult Spawn(ProcessProgram program, ReadOnlySpan<int> descriptors)
    {
        using var block = new SpawnBlock(program, descriptors, _stub, _childCode);
        var (pid, pidFd) = Clone(program, descriptors, block, CLONE_VFORK);
        return Conclude(pid, pidFd, block);
    }

    /// <summary>
    /// Runs a program that waits on its way (for a FIFO, for a byte in a pipe): returns as soon as the child exists. The program has to
    /// tell by itself that it got to where it waits; when it ends instead, <see cref="HeldProcess.Conclude"/> says why.
    /// </summary>
    /// <param name="program">What the child does.</param>
    /// <param name="descriptors">The numbers of the descriptors the program refers to.</param>
    /// <exception cref="OsException">No process could be created.</exception>
    public HeldProcess SpawnHeld(ProcessProgram program, ReadOnlySpan<int> descriptors)
    {
        var block = new SpawnBlock(program, descriptors, _stub, _childCode);
        try
        {
            var (pid, pidFd) = Clone(program, descriptors, block, block.Birth is null ? 0 : CLONE_VFORK);
            return new HeldProcess(pid, pidFd, block);
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    internal static SpawnResult Conclude(int pid, Fd pidFd, SpawnBlock block)
    {
        var context = block.Context;
        var error = new Errno((int)Math.Clamp(Volatile.Read(ref context->Report->Error), 0, LastErrno));
        var current = Math.Clamp(Volatile.Read(ref context->Report->Current), 0, context->Count - 1);
        var last = (SystemCall)context->Operations[current].Number;
        if (error.Value == 0 && last is SystemCall.Execve or SystemCall.Execveat)
            return new SpawnResult(pid, pidFd, -1, error);
        // One that was born among others may be held by them, or have its report written by them.
        if (block.Birth is not null)
            Processes.PidFd.SendSignal(pidFd, SIGKILL);
        ProcessExitStatus.Wait(pidFd);
        pidFd.Dispose();
        var failed = Math.Max((int)current - block.StageLength, 0);
        return new SpawnResult(0, null, failed, error.Value == 0 ? Errno.ECHILD : error);
    }

    /// <summary>
    /// The signals of this thread are blocked around the clone, by raw calls because glibc keeps two of them out of its masks: the child
    /// would otherwise run this process's handlers. The clone itself is an ordinary unmanaged call, so that a garbage collection on
    /// another thread need not wait until the child has executed.
    /// </summary>
    private (int Pid, Fd PidFd) Clone(ProcessProgram program, ReadOnlySpan<int> descriptors, SpawnBlock block, ulong vfork)
    {
        block.SetEntry((nint)_child);
        var pidFd = -1;
        var arguments = new CloneArguments
        {
            Flags = program.CloneFlags | CLONE_VM | CLONE_PIDFD | CLONE_CLEAR_SIGHAND | vfork,
            PidFd = (ulong)&pidFd,
            ExitSignal = SIGCHLD,
            Stack = block.StackStart,
            StackSize = block.StackLength,
        };
        if (program.CgroupDescriptor is { } cgroup)
        {
            arguments.Flags |= CLONE_INTO_CGROUP;
            arguments.Cgroup = (ulong)descriptors[cgroup];
        }
        var call = (delegate* managed<long, long, long, long, long, long, long, long>)_stub.Address;
        var clone = (delegate* unmanaged<long, void*, nint, ChildContext*, long>)_stub.Address;
        var all = ulong.MaxValue;
        ulong before;
        call((long)SystemCall.RtSigprocmask, SIG_SETMASK, (long)&all, (long)&before, SignalSetSize, 0, 0);
        var pid = clone((long)SystemCall.Clone3, &arguments, sizeof(CloneArguments), block.Context);
        call((long)SystemCall.RtSigprocmask, SIG_SETMASK, (long)&before, 0, SignalSetSize, 0, 0);

        if (pid < 0)
            throw new OsException("clone a process", new Errno((int)-pid));
        return block.Birth is { } birth ? Follow(birth, (int)pid, new Fd(pidFd)) : ((int)pid, new Fd(pidFd));
    }

    /// <summary>The last of the processes that went before each other; those before it have ended and are reaped here.</summary>
    private static (int Pid, Fd PidFd) Follow(BirthStage birth, int pid, Fd pidFd)
    {
        foreach (var next in (ReadOnlySpan<int>)[*birth.Second, *birth.Born])
        {
            if (next == 0)
                break;
            ProcessExitStatus.Wait(pidFd);
            pidFd.Dispose();
            pidFd = Processes.PidFd.TryOpen(next, out var error) ?? throw new OsException($"open process {next}", error);
            pid = next;
        }
        return (pid, pidFd);
    }

    /// <summary>
    /// Lets the child's method run once in this process, on one harmless operation. Under a just-in-time compiler the pointer to a method
    /// leads to the compiler until its first call: in a child that would be fatal. The operation tells where in memory the method is.
    /// </summary>
    private nint Rehearse()
    {
        var builder = new ProcessProgramBuilder();
        builder.Call("rehearse", SystemCall.Getpid).Into(new ProgramSlot(0));
        using var block = new SpawnBlock(builder.Build(), [], _stub);
        block.Context->Rehearsal = 1;
        block.Context->Call = (delegate* managed<long, long, long, long, long, long, long, long>)_stub.Probe;
        _child(null, 0, block.Context);
        return (nint)block.Context->Slots[0];
    }

    /// <summary><c>struct clone_args</c> of clone(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct CloneArguments
    {
        internal ulong Flags;
        internal ulong PidFd;
        internal ulong ChildTid;
        internal ulong ParentTid;
        internal ulong ExitSignal;
        internal ulong Stack;
        internal ulong StackSize;
        internal ulong Tls;
        internal ulong SetTid;
        internal ulong SetTidSize;
        internal ulong Cgroup;
    }
}
