using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Cli.Lifecycle;

/// <summary>Runs a program of the host to its end: hooks, and <c>ps</c>.</summary>
internal sealed class HostProgram(ProcessSpawner spawner)
{
    private const ulong CLOSE_RANGE_CLOEXEC = 4;
    private const long CLONE_NEWNS_NET_IPC_UTS_PID = 0x4e020000 | CLONE_NEWPID, CLONE_NEWPID = 0x20000000;

    /// <summary>The pidfd of a process whose namespaces the program joins; null: it stays in this process's.</summary>
    internal Fd? Namespaces { get; init; }

    /// <summary>Milliseconds after which it is killed; negative: never.</summary>
    internal int Timeout { get; init; } = -1;

    /// <summary>Runs a program.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="arguments">Its argument vector.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="input">What it reads from standard input.</param>
    /// <returns>How it ended, and what it wrote to standard output; null: it was killed, because its time was over.</returns>
    /// <exception cref="OsException">It could not be started.</exception>
    internal (ProcessExitStatus? Exit, byte[] Output) Run(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment, ReadOnlySpan<byte> input)
    {
        var inputPipe = Pipe.Create();
        var outputPipe = Pipe.Create();
        using var reader = outputPipe.Reader;
        var program = Compile(path, arguments, environment);
        SpawnResult result;
        using (inputPipe.Reader)
        using (outputPipe.Writer)
        using (inputPipe.Writer)
        {
            result = spawner.Spawn(program, [inputPipe.Reader.Number, outputPipe.Writer.Number, Namespaces?.Number ?? -1]);
            if (result.FailedOperation >= 0)
                throw result.ToException(program);
            // A state document fits into a pipe (64 KiB); a hook that does not read it may go (EPIPE).
            StreamIo.Write(inputPipe.Writer, input);
        }
        using var pidFd = result.PidFd!;
        var output = ReadToEnd(reader, pidFd, Timeout);
        return (output is null ? null : ProcessExitStatus.Wait(pidFd), output ?? []);
    }

    private ProcessProgram Compile(string path, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        var builder = new ProcessProgramBuilder();
        builder.Call("set standard input", SystemCall.Dup3, new ProgramDescriptor(0), 0, 0);
        builder.Call("set standard output", SystemCall.Dup3, new ProgramDescriptor(1), 1, 0);
        if (Namespaces is not null)
            builder.Call("join the container's namespaces", SystemCall.Setns, new ProgramDescriptor(2), CLONE_NEWNS_NET_IPC_UTS_PID);
        builder.Call("mark descriptors close-on-exec", SystemCall.CloseRange, 3, uint.MaxValue, CLOSE_RANGE_CLOEXEC).Tolerate(Errno.ENOSYS);
        if (Namespaces is not null)
            builder.GiveBirth(isHeld: false);
        builder.Call($"exec {path}", SystemCall.Execve, builder.Text(path), builder.Vector(arguments), builder.Vector(environment));
        return builder.Build();
    }

    private static byte[]? ReadToEnd(Fd reader, Fd pidFd, int timeout)
    {
        const int SIGKILL = 9;
        var result = new MemoryStream();
        var buffer = new byte[16384];
        using var epoll = new Epoll();
        epoll.Add(reader, PollEvents.Readable, 0);
        Span<PollResult> events = stackalloc PollResult[1];
        var end = Environment.TickCount64 + timeout;
        while (true)
        {
            var left = timeout < 0 ? -1 : (int)Math.Max(end - Environment.TickCount64, 0);
            if (epoll.Wait(events, left) == 0)
            {
                if (timeout < 0 || Environment.TickCount64 < end)
                    continue;
                PidFd.SendSignal(pidFd, SIGKILL);
                ProcessExitStatus.Wait(pidFd);
                return null;
            }
            var count = FileData.Read(reader, buffer);
            if (count == 0)
                return result.ToArray();
            result.Write(buffer, 0, count);
        }
    }
}
