using System.Runtime.InteropServices;
using Gantry.Os;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Os.Processes;
using Gantry.Os.Terminals;

namespace Gantry.Runtime.Cli.Lifecycle;

/// <summary>Stays with a process until it ends: passes signals on, and relays its terminal to the one of this command.</summary>
internal sealed class ForegroundProcess(Fd pidFd, Fd? master)
{
    private const int SIGWINCH = 28;

    /// <summary>Signals that are passed on: those that a person or a supervisor sends.</summary>
    private static readonly int[] Forwarded = [1, 2, 3, 10, 12, 15, SIGWINCH];

    /// <summary>Waits for the end.</summary>
    /// <returns>The exit code; 128 and the signal's number when one ended it.</returns>
    internal int Wait()
    {
        var registrations = Forwarded.Select(number => PosixSignalRegistration.Create((PosixSignal)number, context =>
        {
            context.Cancel = true;
            if (number == SIGWINCH && master is not null)
                CopySize();
            else
                PidFd.SendSignal(pidFd, number);
        })).ToList();
        try
        {
            if (master is not null)
                Relay(master);
            return ProcessExitStatus.Wait(pidFd).Code;
        }
        finally
        {
            registrations.ForEach(registration => registration.Dispose());
        }
    }

    /// <summary>Copies bytes both ways until the last holder of the slave side is gone, which the master sees as EIO.</summary>
    private void Relay(Fd terminal)
    {
        using var raw = Terminal.IsTerminal(0) ? Terminal.EnterRawMode(0) : null;
        CopySize();
        var input = new Fd(0);
        var output = new Fd(1);
        using var epoll = new Epoll();
        var inputIsWatched = TryWatch(epoll, input);
        epoll.Add(terminal, PollEvents.Readable, 1);
        Span<PollResult> events = stackalloc PollResult[4];
        Span<byte> buffer = stackalloc byte[8192];
        try
        {
            while (true)
            {
                var count = epoll.Wait(events, -1);
                for (var i = 0; i < count; i++)
                {
                    var fromProcess = events[i].Token == 1;
                    var (read, error) = StreamIo.Read(fromProcess ? terminal : input, buffer);
                    if (read > 0)
                        WriteAll(fromProcess ? output : terminal, buffer[..read]);
                    else if (fromProcess && error != Errno.EINTR)
                        return;
                    else if (!fromProcess && inputIsWatched && error != Errno.EINTR)
                    {
                        epoll.Remove(input);
                        inputIsWatched = false;
                    }
                }
            }
        }
        finally
        {
            input.Release();
            output.Release();
        }
    }

    /// <summary>A regular file as standard input cannot be watched (EPERM): a terminal has no end of input to give on, so it is left.</summary>
    private static bool TryWatch(Epoll epoll, Fd input)
    {
        try
        {
            epoll.Add(input, PollEvents.Readable, 0);
            return true;
        }
        catch (OsException error) when (error.Errno == Errno.EPERM)
        {
            return false;
        }
    }

    private static void WriteAll(Fd target, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            var (count, error) = StreamIo.Write(target, bytes);
            if (count <= 0 && error != Errno.EINTR)
                return;
            bytes = bytes[Math.Max(count, 0)..];
        }
    }

    private void CopySize()
    {
        if (master is not null && Terminal.GetSize(0) is var (rows, columns))
            PseudoTerminal.Resize(master, rows, columns);
    }
}
