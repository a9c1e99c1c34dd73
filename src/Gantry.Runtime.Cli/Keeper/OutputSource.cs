using Gantry.Os;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.Cli.Keeper.Output;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>One stream that a process writes to: read into its ring as long as there is room.</summary>
internal sealed class OutputSource : IPollHandler, IDisposable
{
    private readonly SupervisedProcess _process;
    private readonly int _stream;
    private readonly bool _terminal;
    private readonly EventLoop.Watch _watch;

    public OutputSource(SupervisedProcess process, Fd fd, int stream, bool terminal)
    {
        (_process, Fd, _stream, _terminal) = (process, fd, stream, terminal);
        StreamIo.SetNonBlocking(fd, true);
        _watch = process.Loop.Add(fd, PollEvents.Readable, this);
    }

    /// <summary>What is read from.</summary>
    public Fd Fd { get; }

    /// <summary>Whether everything was read that will ever come.</summary>
    public bool Ended { get; private set; }

    public void OnReady(PollEvents events)
    {
        Read((events & (PollEvents.HangUp | PollEvents.Error)) != 0);
        _process.OutputArrived();
    }

    /// <summary>Reads once, what is there.</summary>
    /// <returns>Whether there may be more at once.</returns>
    public bool Read(bool hungUp)
    {
        if (Ended)
            return false;
        var oldest = _process.OldestFollower();
        if (!_process.Ring.HasRoom(oldest))
        {
            // Until somebody has caught up. A hang-up would be reported all the time otherwise.
            _watch.Set(PollEvents.None);
            return false;
        }
        var (count, error) = _process.Ring.ReadFrom(Fd, _stream, oldest, exact: !_terminal, hungUp);
        if (count > 0)
            return true;
        // EIO: the last process that had the terminal open is gone.
        if (error != Errno.EAGAIN)
            End();
        return false;
    }

    /// <summary>Goes on reading after the ring was full.</summary>
    public void Resume()
    {
        if (!Ended)
            _watch.Set(PollEvents.Readable);
    }

    /// <summary>Gives up reading: the end was reached, or nobody will wait for it.</summary>
    public void End()
    {
        Ended = true;
        _watch.Dispose();
    }

    public void Dispose() => End();
}
