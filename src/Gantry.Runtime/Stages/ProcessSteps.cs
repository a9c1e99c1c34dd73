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
    private const long F_DUPFD_CLOEXEC = 1030, O_CLOEXEC = 0x80000;

    private readonly ProcessProgramBuilder _builder = writer.Builder;

    /// <summary>What is executed; null: what the first argument names.</summary>
    internal string? File { get; init; }

    /// <summary>The compiled filter, when the caller has it.</summary>
    internal ReadOnlyMemory<byte>? Filter { get; init; }

    /// <summary>Where the process waits before it executes its file.</summary>
    internal Gate? Gate { get; init; }

    /// <summary>Whether the process is born here, into a pid namespace of others that was joined before; and makes its session only then.</summary>
    internal bool IsBornLast { get; init; }

    /// <summary>Whether its standard input is a terminal; asked for where it makes its session here.</summary>
    internal bool HasTerminal { get; init; }

    /// <summary>Descriptors from 3 on that the process keeps.</summary>
    internal int PreservedDescriptors { get; init; }

    /// <summary>Looks up the user's home folder.</summary>
    internal required Func<uint, string> FindHome { get; init; }

    /// <summary>Writes the steps, which end with execve.</summary>
    internal void Write()
    {
        var stage = $"exec {File ?? ExecuteSteps.Arguments(process)[0]}";
        var candidates = File is not null ? [File] : ExecuteSteps.Candidates(process);
        var environment = ExecuteSteps.Environment(process, FindHome);
        var filter = Filter;
        if (filter is null && linux?.Seccomp is { } seccomp)
            filter = SeccompCompiler.Compile(seccomp);
        var flags = linux?.Seccomp is { } profile ? SeccompCompiler.Flags(profile) : 0;
        var privileges = new PrivilegeSteps(_builder, process, filter, flags);
        RefuseLabels();

        EnterWorkingDirectory();
        CloseDescriptors();
        // The limit of open files may be below the numbers in use here: from now on nothing is opened.
        LimitSteps.Write(_builder, process, linux?.Personality);
        privileges.Write();
        if (Gate is { } gate)
        {
            ExecuteSteps.Probe(_builder, stage, candidates);
            Wait(_builder, KeptArrived, KeptGo);
        }
        privileges.WriteLast();
        if (IsBornLast)
        {
            _builder.GiveBirth(isHeld: false);
            StreamSteps.MakeSession(_builder, HasTerminal);
        }
        ExecuteSteps.Execute(_builder, stage, candidates, process.Args!, environment);
    }

    /// <summary>Tells that the child is here, and waits for a byte. When the other side is gone instead, the child ends.</summary>
    internal static void Wait(ProgramWriter writer, Gate gate) => Wait(writer.Builder, writer.Use(gate.Arrived), writer.Use(gate.Go));

    private static void Wait(ProcessProgramBuilder builder, ProgramArgument arrived, ProgramArgument go)
    {
        var answer = builder.Reserve(8);
        builder.Call("tell that the container is ready", SystemCall.Write, arrived, builder.Text("0"), 1);
        builder.Call("close the pipe to the runtime", SystemCall.Close, arrived);
        builder.Call("wait to be started", SystemCall.Read, go, answer, 1);
        builder.Check("be started", answer, 0xff, '1', Errno.EPIPE);
        builder.Call("close the gate", SystemCall.Close, go);
    }

    private int KeptArrived => 3 + PreservedDescriptors;

    private int KeptGo => KeptArrived + 1;

    /// <summary>
    /// Closes what the child has from the process that cloned it. To mark it close-on-exec would not do: execve(2) looks up its file before,
    /// and <c>/proc/self/fd/7/../../bin/x</c> would lead to the host through any directory that is open (CVE-2024-21626, attack 3). Nor is it
    /// there for others to look at while the child waits to be started (CVE-2016-9962). The gate moves in front of what is closed.
    /// </summary>
    private void CloseDescriptors()
    {
        const string stage = "close descriptors";
        var first = KeptArrived;
        if (Gate is { } gate)
        {
            // First out of the way: either may have the number that the other one gets.
            first = KeptGo + 1;
            _builder.Call(stage, SystemCall.Fcntl, writer.Use(gate.Arrived), F_DUPFD_CLOEXEC, first).Into(ProgramWriter.Parent);
            _builder.Call(stage, SystemCall.Fcntl, writer.Use(gate.Go), F_DUPFD_CLOEXEC, first).Into(ProgramWriter.Target);
            _builder.Call(stage, SystemCall.Dup3, ProgramWriter.Parent, KeptArrived, O_CLOEXEC);
            _builder.Call(stage, SystemCall.Dup3, ProgramWriter.Target, KeptGo, O_CLOEXEC);
        }
        _builder.Call(stage, SystemCall.CloseRange, first, uint.MaxValue, 0);
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
