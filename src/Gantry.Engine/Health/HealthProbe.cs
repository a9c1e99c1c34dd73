using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Gantry.Api.Model;
using Gantry.Engine.Attach;
using Gantry.Engine.Containers;
using Gantry.Engine.Exec;
using Gantry.Oci;
using Gantry.Os.Processes;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Health;

/// <summary>Runs one probe: an exec in the container, as docker's, with the container's user, environment and confinement.</summary>
internal sealed class HealthProbe(ExecService execs, TimeProvider clock)
{
    private const int MaximumOutput = 4096;
    private const int Kill = 9;
    private const int Failed = -1;
    private const int FrameHead = 8;

    private long _total, _failed;

    /// <summary>How many probes were run.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>How many of them failed.</summary>
    public long TotalFailed => Interlocked.Read(ref _failed);

    /// <summary>Runs it; whatever happens is a result.</summary>
    /// <exception cref="OperationCanceledException">The container has ended or stands still.</exception>
    public async Task<HealthcheckResult> RunAsync(Container container, HealthCheck check, CancellationToken stop)
    {
        var start = clock.GetUtcNow();
        var (exitCode, output) = await ProbeAsync(container, check, stop);
        Interlocked.Increment(ref _total);
        if (exitCode != 0)
            Interlocked.Increment(ref _failed);
        return new HealthcheckResult { Start = start, End = clock.GetUtcNow(), ExitCode = exitCode, Output = output };
    }

    private async Task<(int ExitCode, string Output)> ProbeAsync(Container container, HealthCheck check, CancellationToken stop)
    {
        var request = new ExecCreateRequest { Cmd = check.Command, AttachStdout = true, AttachStderr = true };
        var (own, keeper) = AttachSockets.CreatePair();
        using var socket = own;
        ExecInstance exec;
        try
        {
            using (keeper)
                exec = await execs.StartAttachedAsync(container, request, new AttachEnd(keeper, Stdin: false, Stdout: true, Stderr: true));
        }
        catch (Exception e) when (e is GantryException or IOException)
        {
            stop.ThrowIfCancellationRequested();
            return (Failed, e.Message);
        }
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var output = ReadAsync(socket, reading.Token);
        try
        {
            await exec.Ended.Task.WaitAsync(check.Timeout, clock, stop);
            return (exec.ExitCode ?? Failed, await output);
        }
        catch (TimeoutException)
        {
            End(exec);
            var text = $"Health check exceeded timeout ({GoDuration.Format(check.Timeout)})";
            await reading.CancelAsync();
            return (Failed, await output is { Length: > 0 } written ? $"{text}: {written}" : text);
        }
        catch (OperationCanceledException)
        {
            End(exec);
            throw;
        }
    }

    private static void End(ExecInstance exec)
    {
        // It may end in this moment by itself, and the container with it.
        if (exec is { Running: true, Process: { Exit: null } process })
            PidFd.SendSignal(process.PidFd, Kill);
    }

    /// <summary>What it writes, without the frames' heads: the first bytes are kept, all is read, so that it is never held up.</summary>
    private static async Task<string> ReadAsync(Socket socket, CancellationToken stop)
    {
        var kept = new MemoryStream();
        var truncated = false;
        var head = new byte[FrameHead];
        var buffer = new byte[MaximumOutput];
        try
        {
            while (await FillAsync(socket, head, stop))
            {
                for (var left = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(4)); left > 0;)
                {
                    var count = await socket.ReceiveAsync(buffer.AsMemory(0, Math.Min(left, buffer.Length)), SocketFlags.None, stop);
                    if (count == 0)
                        break;
                    left -= count;
                    var room = (int)Math.Min(count, MaximumOutput - kept.Length);
                    kept.Write(buffer, 0, room);
                    truncated |= room < count;
                }
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            // The keeper died, or the probe takes too long: what was read is what there is.
        }
        return Encoding.UTF8.GetString(kept.GetBuffer(), 0, (int)kept.Length) + (truncated ? "..." : "");
    }

    private static async Task<bool> FillAsync(Socket socket, byte[] head, CancellationToken stop)
    {
        for (var filled = 0; filled < head.Length;)
        {
            var count = await socket.ReceiveAsync(head.AsMemory(filled), SocketFlags.None, stop);
            if (count == 0)
                return false;
            filled += count;
        }
        return true;
    }
}
