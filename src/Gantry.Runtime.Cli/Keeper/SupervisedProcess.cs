using Gantry.Os;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.Cli.Keeper.Output;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>
/// A process the keeper holds, from its spawn or adoption until it is forgotten. This part: its output, on its way from the pipes through
/// the ring to the log and to attached clients. Belongs to the loop.
/// </summary>
internal sealed partial class SupervisedProcess : IDisposable
{
    private readonly List<OutputSource> _sources = [];
    private readonly List<Attachment> _attachments = [];
    private readonly LogWriter _writer;
    private readonly LogStream? _log;
    private bool _idleCheckPlanned;

    /// <summary>Prepares everything that has to be there before the process runs.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="writer">The log's thread.</param>
    /// <param name="record">What is known of it.</param>
    /// <param name="descriptors">Its descriptors; they are this object's from now on.</param>
    public SupervisedProcess(EventLoop loop, LogWriter writer, ProcessRecord record, KeptDescriptors descriptors)
    {
        (Loop, _writer, Record, Descriptors) = (loop, writer, record, descriptors);
        Ring = OutputRing.Open(descriptors.Ring ?? throw new InvalidDataException("a process without an output ring"));
        if (record.Log is not null)
            _log = new LogStream(Ring, record.Log, () => Loop.Post(RoomMade), writer);
    }

    public EventLoop Loop { get; }

    public OutputRing Ring { get; }

    public ProcessRecord Record { get; private set; }

    public KeptDescriptors Descriptors { get; }

    /// <summary>Raised when the standard input was closed, so that the daemon closes its copy.</summary>
    public Action<SupervisedProcess>? InputClosed { get; set; }

    /// <summary>Raised when the process has ended and its output was dealt with.</summary>
    public Action<SupervisedProcess>? Exited { get; set; }

    /// <summary>Raised when it was forgotten and no client is attached any more.</summary>
    public Action<SupervisedProcess>? Released { get; set; }

    /// <summary>Lets a client see the output from now on.</summary>
    public void Attach(Fd socket, AttachStreams streams)
    {
        var attachment = new Attachment(this, socket, streams);
        _attachments.Add(attachment);
        if (Record.Exit is not null || _outputDrained)
            attachment.EndOutput();
    }

    /// <summary>Drops a client.</summary>
    public void Detach(Attachment attachment)
    {
        attachment.Dispose();
        _attachments.Remove(attachment);
        RoomMade();
        ReleaseIfDone();
    }

    /// <summary>Starts reading what the process writes, after what a keeper before this one read.</summary>
    public void StartOutput()
    {
        var terminal = Descriptors.Terminal is not null;
        Ring.Recover(stream => terminal ? Descriptors.Terminal : stream == 0 ? Descriptors.Stdout : Descriptors.Stderr);
        if (terminal)
            _sources.Add(new OutputSource(this, Descriptors.Terminal!, 0, terminal: true));
        if (Descriptors.Stdout is { } output)
            _sources.Add(new OutputSource(this, output, 0, terminal: false));
        if (Descriptors.Stderr is { } errors)
            _sources.Add(new OutputSource(this, errors, 1, terminal: false));
        _log?.Signal();
    }

    /// <summary>The position behind which nothing of the ring is waited for.</summary>
    public long OldestFollower()
    {
        var oldest = _log is { Blocks: true } ? _log.Position : Ring.Head;
        foreach (var attachment in _attachments)
            oldest = Math.Min(oldest, attachment.Position);
        return oldest;
    }

    /// <summary>Passes on what was read.</summary>
    public void OutputArrived()
    {
        _log?.Signal();
        // Backwards: a client that is gone is removed meanwhile.
        for (var i = _attachments.Count - 1; i >= 0; i--)
            _attachments[i].SendOutput();
        WaitForRoomIfFull();
        if (_exitSeen)
            ContinueExit();
        else
            PlanIdleCheck();
    }

    /// <summary>Everything the process has written so far is read and logged, then the size of the log and what was lost are told.</summary>
    public void FlushLog(Action<long, long> done)
    {
        foreach (var source in _sources)
            source.Read(hungUp: false);
        OutputArrived();
        _writer.Enqueue(() =>
        {
            if (_log is not null && !_logClosed)
                _writer.Drain(_log, final: false);
            var (size, dropped) = _log?.Progress ?? default;
            Loop.Post(() => done(size, dropped));
        });
    }

    /// <summary>Goes on reading, if there is room in the ring again.</summary>
    public void RoomMade()
    {
        if (_disposedOrClosing || !Ring.HasRoom(OldestFollower()))
            return;
        if (_log is not null)
            _log.LoopWaits = false;
        foreach (var source in _sources)
            source.Resume();
        if (_exitSeen)
            ContinueExit();
    }

    public void Dispose()
    {
        foreach (var source in _sources)
            source.Dispose();
        foreach (var attachment in _attachments.ToArray())
            attachment.Dispose();
        _attachments.Clear();
        _inputWatch?.Dispose();
        _input?.Dispose();
        _exitWatch?.Dispose();
        // After whatever the log's thread still does with the ring.
        _writer.Enqueue(() =>
        {
            _log?.Dispose();
            Ring.Dispose();
        });
        Descriptors.Dispose();
    }

    /// <summary>When the ring is full the slowest follower decides: the log tells by itself, clients when they take something.</summary>
    private void WaitForRoomIfFull()
    {
        if (Ring.HasRoom(OldestFollower()))
        {
            RoomMade();
            return;
        }
        if (_log is null)
            return;
        _log.LoopWaits = true;
        // The log may have made room before it could see the flag.
        if (Ring.HasRoom(OldestFollower()))
            RoomMade();
    }

    private void PlanIdleCheck()
    {
        const int idleMilliseconds = 2000;
        if (_idleCheckPlanned)
            return;
        _idleCheckPlanned = true;
        Loop.After(idleMilliseconds, () =>
        {
            _idleCheckPlanned = false;
            if (!_disposedOrClosing)
                Ring.DiscardWhenIdle(Math.Min(OldestFollower(), _log?.Position ?? long.MaxValue));
        });
    }
}
