using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os.Processes;
using Gantry.Os;
using Gantry.Runtime.Create;
using Gantry.Runtime.Rootfs;
using Gantry.Runtime.Seccomp;

namespace Gantry.Runtime.Stages;

/// <summary>From a furnished container to its process: what create and exec have in common.</summary>
internal sealed class ProcessSteps(ProgramWriter writer, PathSteps paths, ProcessSpec process, LinuxSpec? linux)
{
    private const int WorkingDirectorySize = 4096;
    private const ulong CLOSE_RANGE_CLOEXEC = 4;

    private readonly ProcessProgramBuilder _builder = writer.Builder;

    /// <summary>The compiled filter, when the caller has it.</summary>
    internal ReadOnlyMemory<byte>? Filter { get; init; }

    /// <summary>Where the process waits before it executes its file.</summary>
    internal Gate? Gate { get; init; }

    /// <summary>Descriptors from 3 on that the process keeps.</summary>
    internal int PreservedDescriptors { get; init; }

    /// <summary>Looks up the user's home folder.</summary>
    internal required Func<uint, string> FindHome { get; init; }

    /// <summary>Writes the steps, which end with execve.</summary>
    internal void Write()
    {
        var stage = $"exec {ExecuteSteps.Arguments(process)[0]}";
        var candidates = ExecuteSteps.Candidates(process);
        var environment = ExecuteSteps.Environment(process, FindHome);
        var filter = Filter;
        if (filter is null && linux?.Seccomp is { } seccomp)
            filter = SeccompCompiler.Compile(seccomp);
        var flags = linux?.Seccomp is { } profile ? SeccompCompiler.Flags(profile) : 0;
        var privileges = new PrivilegeSteps(_builder, process, filter, flags);
        RefuseLabels();

        EnterWorkingDirectory();
        _builder.Call("mark descriptors close-on-exec", SystemCall.CloseRange, 3 + PreservedDescriptors, uint.MaxValue, CLOSE_RANGE_CLOEXEC).Tolerate(Errno.ENOSYS);
        // The limit of open files may be below the numbers in use here: from now on nothing is opened.
        LimitSteps.Write(_builder, process, linux?.Personality);
        privileges.Write();
        if (Gate is { } gate)
        {
            ExecuteSteps.Probe(_builder, stage, candidates);
            Wait(writer, gate);
        }
        privileges.WriteLast();
        ExecuteSteps.Execute(_builder, stage, candidates, process.Args!, environment);
    }

    /// <summary>Tells that the child is here, and waits for a byte. When the other side is gone instead, the child ends.</summary>
    internal static void Wait(ProgramWriter writer, Gate gate)
    {
        var builder = writer.Builder;
        var answer = builder.Reserve(8);
        builder.Call("tell that the container is ready", SystemCall.Write, writer.Use(gate.Arrived), builder.Text("0"), 1);
        builder.Call("close the pipe to the runtime", SystemCall.Close, writer.Use(gate.Arrived));
        builder.Call("wait to be started", SystemCall.Read, writer.Use(gate.Go), answer, 1);
        builder.Check("be started", answer, 0xff, '1', Errno.EPIPE);
        builder.Call("close the gate", SystemCall.Close, writer.Use(gate.Go));
    }

    /// <summary>
    /// The directory is opened beneath the root, without links like those of /proc/self/fd, and the kernel is asked afterwards whether it
    /// is reachable from the root: getcwd(2) answers "(unreachable)" otherwise (CVE-2024-21626).
    /// </summary>
    private void EnterWorkingDirectory()
    {
        if (!process.Cwd.StartsWith('/'))
            throw GantryException.Invalid($"cwd \"{process.Cwd}\" is not an absolute path");
        var stage = $"enter the working directory {process.Cwd}";
        var place = _builder.Reserve(WorkingDirectorySize);
        paths.Open(stage, ContainerPath.Normalize(process.Cwd), ProgramWriter.Target, PathSteps.O_DIRECTORY);
        _builder.Call(stage, SystemCall.Fchdir, ProgramWriter.Target);
        _builder.Call(stage, SystemCall.Getcwd, place, WorkingDirectorySize);
        _builder.Check(stage + ": it is outside of the container", place, 0xff, '/', Errno.EXDEV);
        paths.Close(ProgramWriter.Target);
        paths.Close(ProgramWriter.Root);
    }

    private void RefuseLabels()
    {
        if (process.ApparmorProfile is { Length: > 0 } and not "unconfined")
            throw GantryException.NotImplemented($"AppArmor profiles are not supported (process.apparmorProfile is \"{process.ApparmorProfile}\")");
        if (process.SelinuxLabel is { Length: > 0 })
            throw GantryException.NotImplemented($"SELinux labels are not supported (process.selinuxLabel is \"{process.SelinuxLabel}\")");
    }
}
