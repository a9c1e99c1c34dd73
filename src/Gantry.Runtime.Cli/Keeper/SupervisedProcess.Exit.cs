using Gantry.Os;
using Gantry.Os.Polling;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.Keeper.Loop;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>The end of a process: its code is read, its output drained, its end recorded, and only then is it reaped and reported.</summary>
internal sealed partial class SupervisedProcess
{
    /// <summary>How long others that still hold the pipes (background children of an exec, say) are waited for.</summary>
    private const int DrainMilliseconds = 200;

    /// <summary>More than any pipe holds.</summary>
    private const int MostFinalReads = 16;

    /// <summary>How long a client that takes nothing can hold back the output of a process that has ended.</summary>
    private const int StuckClientMilliseconds = 10_000;

    /// <summary>How long the report waits for clients to take what is left for them; docker waits as long.</summary>
    private const int ReportMilliseconds = 2000;

    private EventLoop.Watch? _exitWatch;
    private ProcessExit? _exit;
    private bool _exitSeen, _drainTimeOver, _outputDrained, _forgotten;
    private volatile bool _logClosed;
    private bool _disposedOrClosing;

    /// <summary>Waits for the end of a process that runs, or ran when it was last heard of.</summary>
    /// <param name="pid">Its process ID.</param>
    /// <param name="startTicks">When it started, in clock ticks since boot.</param>
    /// <param name="startedAt">When it started, in nanoseconds since 1970.</param>
    /// <param name="bootId">The boot.</param>
    /// <param name="recorded">How it ended, if a keeper before this one recorded that.</param>
    public void StartWaiting(int pid, long startTicks, long startedAt, string bootId, ProcessExit? recorded = null)
    {
        _exit = recorded;
        Record = Record with { Pid = pid, StartTicks = startTicks, StartedAtNanoseconds = startedAt, BootId = bootId };
        var pidFd = Descriptors.PidFd ?? throw new InvalidDataException("a running process without a pidfd");
        _exitWatch = Loop.Add(pidFd, PollEvents.Readable, new ExitHandler(this));
    }

    /// <summary>Takes over a process whose end was recorded already.</summary>
    public void TakeExit(ProcessExit exit)
    {
        Record = Record with { Exit = exit };
        (_exit, _outputDrained, _exitSeen, _logClosed) = (exit, true, true, true);
    }

    /// <summary>The end was taken note of: it is dropped, once the clients that are still attached have got what is left for them.</summary>
    public void Forget()
    {
        _forgotten = true;
        ReleaseIfDone();
    }

    private void OnProcessEnded()
    {
        // 1. The code; the zombie stays until the code is on disk.
        _exitWatch?.Dispose();
        _exitSeen = true;
        _exit ??= ExitCodeReader.Read(Record.Id, Descriptors.PidFd!, Record.Pid);
        // 2. The rest of its output: it all is in the pipes now, unless others hold them too.
        Loop.After(DrainMilliseconds, () =>
        {
            _drainTimeOver = true;
            ContinueExit();
        });
        CheckStuckClients();
        foreach (var source in _sources)
            source.Read(hungUp: false);
        OutputArrived();
    }

    private void ContinueExit()
    {
        if (_outputDrained || !_exitSeen)
            return;
        foreach (var source in _sources)
        {
            if (!_drainTimeOver)
                continue;
            // What is in the pipe now is the process's; what others go on writing (they may never stop) is not waited for.
            for (var i = 0; i < MostFinalReads && source.Read(hungUp: false); i++)
                _log?.Signal();
            if (!source.Ended && Ring.HasRoom(OldestFollower()))
                source.End();
        }
        if (!_sources.TrueForAll(source => source.Ended))
        {
            WaitForRoom();
            return;
        }
        _outputDrained = true;
        // 3. Clients get the end of the stream when they have taken everything.
        for (var i = _attachments.Count - 1; i >= 0; i--)
            _attachments[i].EndOutput();
        // 4. The log to its end, then the record of the exit, on the log's thread: both touch the disk.
        _writer.Enqueue(FinishOnLogThread);
    }

    private void WaitForRoom()
    {
        if (_log is null || Ring.HasRoom(OldestFollower()))
            return;
        _log.LoopWaits = true;
        _log.Signal();
    }

    private void FinishOnLogThread()
    {
        if (_log is not null)
        {
            _writer.Drain(_log, final: true);
            _log.Dispose();
        }
        _logClosed = true;
        try
        {
            if (Record.StateFolder is not null)
                StateFiles.WriteExit(Record.StateFolder, Record, _exit!);
        }
        catch (IOException error)
        {
            Console.Error.WriteLine($"record the exit of {Record.Id}: {error.Message}");
        }
        Loop.Post(ReportExit);
    }

    private void ReportExit()
    {
        // 5. Only now may the kernel forget it. A child of the daemon (of an earlier keeper) is reaped by that.
        PidFd.Reap(Descriptors.PidFd!);
        if (_attachments.Count == 0)
            Report();
        else
            Loop.After(ReportMilliseconds, Report);
    }

    private void Report()
    {
        if (Record.Exit is not null)
            return;
        Record = Record with { Exit = _exit };
        Exited?.Invoke(this);
        ReleaseIfDone();
    }

    private void CheckStuckClients()
    {
        if (_outputDrained || _disposedOrClosing)
            return;
        for (var i = _attachments.Count - 1; i >= 0; i--)
            if (_attachments[i].Position < Ring.Head && Clock.MonotonicMilliseconds - _attachments[i].LastProgress > StuckClientMilliseconds)
                Detach(_attachments[i]);
        Loop.After(1000, CheckStuckClients);
    }

    private void ReleaseIfDone()
    {
        if (_attachments.Count > 0 || !_outputDrained)
            return;
        if (Record.Exit is null && _logClosed)
            Report();
        if (_forgotten && Record.Exit is not null && !_disposedOrClosing)
        {
            _disposedOrClosing = true;
            Released?.Invoke(this);
        }
    }

    private sealed class ExitHandler(SupervisedProcess process) : IPollHandler
    {
        public void OnReady(PollEvents events) => process.OnProcessEnded();
    }
}
