using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Hooks;

/// <summary>How a process ended, and what it wrote.</summary>
/// <param name="Exit">Its end; null: it was killed, because its time was over.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
internal readonly record struct ProcessEnd(ProcessExitStatus? Exit, byte[] Output, byte[] Error);

/// <summary>Runs a process to its end, with pipes as its standard streams.</summary>
internal static class PipedProcess
{
    private const int SIGKILL = 9;

    /// <summary>Runs it.</summary>
    /// <param name="spawner">What starts it.</param>
    /// <param name="compile">Makes its program, given its streams.</param>
    /// <param name="input">What it reads from standard input: no more than fits into a pipe (64 KiB).</param>
    /// <param name="timeout">Milliseconds after which it is killed; negative: never.</param>
    /// <param name="limit">How much of each of its outputs is kept.</param>
    /// <exception cref="OsException">It could not be started.</exception>
    internal static ProcessEnd Run(ProcessSpawner spawner, Func<ProcessStreams, ContainerLaunch> compile, ReadOnlySpan<byte> input, int timeout, int limit)
    {
        var (inputPipe, outputPipe, errorPipe) = (Pipe.Create(), Pipe.Create(), Pipe.Create());
        using var output = outputPipe.Reader;
        using var error = errorPipe.Reader;
        SpawnResult result;
        using (inputPipe.Reader)
        using (outputPipe.Writer)
        using (errorPipe.Writer)
        using (inputPipe.Writer)
        {
            using var launch = compile(new ProcessStreams { Input = inputPipe.Reader, Output = outputPipe.Writer, Error = errorPipe.Writer });
            result = spawner.Spawn(launch.Program, launch.DescriptorNumbers);
            if (result.FailedOperation >= 0)
                throw result.ToException(launch.Program);
            // One that does not read it may go (EPIPE).
            StreamIo.Write(inputPipe.Writer, input);
        }
        using var pidFd = result.PidFd!;
        var (written, complaints) = (new MemoryStream(), new MemoryStream());
        var isOver = ReadToEnd([(output, written), (error, complaints)], timeout, limit);
        if (!isOver)
            PidFd.SendSignal(pidFd, SIGKILL);
        var exit = ProcessExitStatus.Wait(pidFd);
        return new ProcessEnd(isOver ? exit : null, written.ToArray(), complaints.ToArray());
    }

    /// <returns>False: the time was over before the streams were.</returns>
    private static bool ReadToEnd(IReadOnlyList<(Fd Reader, MemoryStream Kept)> streams, int timeout, int limit)
    {
        var buffer = new byte[16384];
        using var epoll = new Epoll();
        for (var i = 0; i < streams.Count; i++)
            epoll.Add(streams[i].Reader, PollEvents.Readable, (ulong)i);
        Span<PollResult> events = stackalloc PollResult[1];
        var end = Environment.TickCount64 + timeout;
        for (var open = streams.Count; open > 0;)
        {
            var left = timeout < 0 ? -1 : (int)Math.Max(end - Environment.TickCount64, 0);
            if (epoll.Wait(events, left) == 0)
            {
                if (timeout >= 0 && Environment.TickCount64 >= end)
                    return false;
                continue;
            }
            var (reader, kept) = streams[(int)events[0].Token];
            var count = FileData.Read(reader, buffer);
            kept.Write(buffer, 0, (int)Math.Min(count, limit - kept.Length));
            if (count > 0)
                continue;
            epoll.Remove(reader);
            open--;
        }
        return true;
    }
}
