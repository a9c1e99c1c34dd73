using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gantry.Os.Processes;

/// <summary>
/// Creates processes from programs, with <c>clone3(CLONE_VM | CLONE_VFORK)</c>: the child walks its program in the memory of this process and
/// on a stack of its own, so its cost does not depend on the size of this process. Can be used by several threads at once.
/// </summary>
/// <remarks>
/// A child that changes its user makes this process not dumpable, as they share their memory's attributes (prctl(2), PR_SET_DUMPABLE).
/// That is left so: nobody inside a container may look at this process through /proc.
/// </remarks>
public sealed unsafe partial class ProcessSpawner
{
    private const ulong CLONE_VM = 0x100;
    private const ulong CLONE_PIDFD = 0x1000;
    private const ulong CLONE_VFORK = 0x4000;
    private const ulong CLONE_CLEAR_SIGHAND = 0x1_0000_0000;
    private const ulong CLONE_INTO_CGROUP = 0x2_0000_0000;
    private const int CLONE_NEWPID = 0x20000000;
    private const int SIGCHLD = 17;
    private const int SIG_SETMASK = 2;
    private const long SignalSetSize = 8;

    private readonly SystemCallStub _stub;
    private readonly delegate* managed<void*, nint, ChildContext*, void> _child;

    /// <summary>Makes the executable page, and has the child's method compiled.</summary>
    /// <exception cref="OsException">No executable memory is to be had.</exception>
    public ProcessSpawner()
    {
        _stub = new SystemCallStub();
        _child = &ChildProcess.Run;
        Rehearse();
    }

    /// <summary>Runs a program in a new process and returns when that has executed its file, or failed.</summary>
    /// <param name="program">What the child does.</param>
    /// <param name="descriptors">The numbers of the descriptors the program refers to; the caller keeps them open meanwhile.</param>
    /// <exception cref="OsException">No process could be created.</exception>
    public SpawnResult Spawn(ProcessProgram program, ReadOnlySpan<int> descriptors)
    {
        using var block = new SpawnBlock(program, descriptors, _stub);
        var (pid, pidFd) = Clone(program, descriptors, block, CLONE_VFORK);
        return Conclude(pid, pidFd, block.Context);
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
        var block = new SpawnBlock(program, descriptors, _stub);
        try
        {
            var (pid, pidFd) = Clone(program, descriptors, block, 0);
            return new HeldProcess(pid, pidFd, block);
        }
        catch
        {
            block.Dispose();
            throw;
        }
    }

    internal static SpawnResult Conclude(int pid, Fd pidFd, ChildContext* context)
    {
        var error = new Errno((int)Volatile.Read(ref context->Error));
        var current = (int)Volatile.Read(ref context->Current);
        var last = (SystemCall)context->Operations[current].Number;
        if (error.Value == 0 && last is SystemCall.Execve or SystemCall.Execveat)
            return new SpawnResult(pid, pidFd, -1, error);
        ProcessExitStatus.Wait(pidFd);
        pidFd.Dispose();
        return new SpawnResult(0, null, current, error.Value == 0 ? Errno.ECHILD : error);
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
        using var ownPidNamespace = program.PidNamespaceDescriptor is null ? null : OpenOwnPidNamespace();
        var pidNamespace = program.PidNamespaceDescriptor is { } index ? descriptors[index] : -1;

        var call = (delegate* managed<long, long, long, long, long, long, long, long>)_stub.Address;
        var clone = (delegate* unmanaged<long, void*, nint, ChildContext*, long>)_stub.Address;
        var all = ulong.MaxValue;
        ulong before;
        call((long)SystemCall.RtSigprocmask, SIG_SETMASK, (long)&all, (long)&before, SignalSetSize, 0, 0);
        var entered = ownPidNamespace is null ? 0 : call((long)SystemCall.Setns, pidNamespace, CLONE_NEWPID, 0, 0, 0, 0);
        var pid = entered < 0 ? entered : clone((long)SystemCall.Clone3, &arguments, sizeof(CloneArguments), block.Context);
        if (ownPidNamespace is not null && entered == 0)
            call((long)SystemCall.Setns, ownPidNamespace.Number, CLONE_NEWPID, 0, 0, 0, 0);
        call((long)SystemCall.RtSigprocmask, SIG_SETMASK, (long)&before, 0, SignalSetSize, 0, 0);

        if (entered < 0)
            throw new OsException("enter the pid namespace of the container", new Errno((int)-entered));
        if (pid < 0)
            throw new OsException("clone a process", new Errno((int)-pid));
        return ((int)pid, new Fd(pidFd));
    }

    /// <summary>
    /// Lets the child's method run once in this process, on one harmless operation. Under a just-in-time compiler the pointer to a method
    /// leads to the compiler until its first call: in a child that would be fatal.
    /// </summary>
    private void Rehearse()
    {
        var builder = new ProcessProgramBuilder();
        builder.Call("rehearse", SystemCall.Getpid);
        using var block = new SpawnBlock(builder.Build(), [], _stub);
        block.Context->Rehearsal = 1;
        _child(null, 0, block.Context);
    }

    private static Fd OpenOwnPidNamespace()
    {
        fixed (byte* path = "/proc/self/ns/pid\0"u8)
        {
            var fd = open(path, O_RDONLY | O_CLOEXEC, 0);
            return fd >= 0 ? new Fd(fd) : throw new OsException("open /proc/self/ns/pid", Libc.LastError);
        }
    }

    private const int O_RDONLY = 0;
    private const int O_CLOEXEC = 0x80000;

    [LibraryImport(Libc.Name, SetLastError = true)]
    private static partial int open(byte* path, int flags, int mode);

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
