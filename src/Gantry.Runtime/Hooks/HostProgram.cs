using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Hooks;

/// <summary>Runs a program of the host to its end: hooks, and <c>ps</c>.</summary>
internal sealed class HostProgram(ProcessSpawner spawner)
{
    private const ulong CLOSE_RANGE_CLOEXEC = 4;
    private const long CLONE_NEWNS_NET_IPC_UTS_PID = 0x4e020000 | CLONE_NEWPID, CLONE_NEWPID = 0x20000000;

    /// <summary>The pidfd of a process whose namespaces the program joins; null: it stays in this process's.</summary>
    internal Fd? Namespaces { get; init; }

    /// <summary>Where it works, looked up in the namespaces that it joins; null: where this process does, or at their root.</summary>
    internal string? Folder { get; init; }

    /// <summary>Milliseconds after which it is killed; negative: never.</summary>
    internal int Timeout { get; init; } = -1;

    /// <summary>How much of each of its outputs is kept.</summary>
    internal int OutputLimit { get; init; } = int.MaxValue;

    /// <summary>Runs a program.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="arguments">Its argument vector.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="input">What it reads from standard input.</param>
    /// <exception cref="OsException">It could not be started.</exception>
    internal ProcessEnd Run(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ReadOnlySpan<byte> input) =>
        PipedProcess.Run(spawner, streams => Compile(streams, path, arguments, environment), input, Timeout, OutputLimit);

    private ContainerLaunch Compile(ProcessStreams streams, string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        var builder = new ProcessProgramBuilder();
        builder.Call("set standard input", SystemCall.Dup3, new ProgramDescriptor(0), 0, 0);
        builder.Call("set standard output", SystemCall.Dup3, new ProgramDescriptor(1), 1, 0);
        builder.Call("set standard error", SystemCall.Dup3, new ProgramDescriptor(2), 2, 0);
        if (Namespaces is not null)
            builder.Call("join the container's namespaces", SystemCall.Setns, new ProgramDescriptor(3), CLONE_NEWNS_NET_IPC_UTS_PID);
        builder.Call("mark descriptors close-on-exec", SystemCall.CloseRange, 3, uint.MaxValue, CLOSE_RANGE_CLOEXEC).Tolerate(Errno.ENOSYS);
        if (Folder is not null)
            builder.Call($"enter {Folder}", SystemCall.Chdir, builder.Text(Folder));
        if (Namespaces is not null)
            builder.GiveBirth(isHeld: false);
        builder.Call($"exec {path}", SystemCall.Execve, builder.Text(path), builder.Vector(arguments), builder.Vector(environment));
        IReadOnlyList<Fd> descriptors = [streams.Input!, streams.Output!, streams.Error!];
        return new ContainerLaunch(builder.Build(), Namespaces is null ? descriptors : [.. descriptors, Namespaces], []);
    }
}
