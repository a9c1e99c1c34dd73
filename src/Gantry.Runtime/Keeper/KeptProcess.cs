using Gantry.Os;
using Gantry.Runtime.Keeper.Client;

namespace Gantry.Runtime.Keeper;

/// <summary>A process that a keeper holds for this daemon.</summary>
public sealed class KeptProcess
{
    private readonly TaskCompletionSource<ProcessExit> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    internal KeptProcess(ProcessRecord record, KeptDescriptors descriptors, KeeperConnection connection)
    {
        (Record, Descriptors, Connection) = (record, descriptors, connection);
        if (record.Exit is not null)
            _ended.SetResult(record.Exit);
    }

    /// <summary>The ID it was started with.</summary>
    public string Id => Record.Id;

    /// <summary>Its process ID.</summary>
    public int Pid => Record.Pid;

    /// <summary>Its pidfd, open until the process is forgotten.</summary>
    /// <exception cref="InvalidOperationException">It ended before this daemon came to know it.</exception>
    public Fd PidFd => Descriptors.PidFd ?? throw new InvalidOperationException($"process {Id} has ended");

    /// <summary>When it started.</summary>
    public DateTimeOffset StartedAt => DateTimeOffset.UnixEpoch.AddTicks(Record.StartedAtNanoseconds / 100);

    /// <summary>How it ended; null: it runs, as far as this daemon knows.</summary>
    public ProcessExit? Exit => Record.Exit;

    /// <summary>Completes when it has ended and its output is in the log.</summary>
    public Task<ProcessExit> Ended => _ended.Task;

    internal ProcessRecord Record { get; private set; }

    internal KeptDescriptors Descriptors { get; }

    /// <summary>The keeper that holds it.</summary>
    internal KeeperConnection Connection { get; set; }

    internal bool SetExit(ProcessExit exit)
    {
        if (Record.Exit is not null)
            return false;
        Record = Record with { Exit = exit };
        _ended.SetResult(exit);
        return true;
    }
}
