using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.Keeper.Control;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>What daemons ask for.</summary>
internal sealed partial class KeeperServer
{
    /// <inheritdoc/>
    public uint Magic => KeeperProtocol.Magic;

    /// <inheritdoc/>
    public int Version => KeeperProtocol.Version;

    /// <inheritdoc/>
    public void Dispatch(ControlConnection connection, Frame frame, ref MessageReader reader)
    {
        switch (frame.Header.Type)
        {
            case MessageType.Spawn:
                Spawn(connection, frame, ref reader);
                return;
            case MessageType.List:
                reader.End();
                var requestId = frame.Header.RequestId;
                AfterStarts(() => List(connection, requestId));
                return;
            case MessageType.Adopt:
                Adopt(frame, ref reader);
                break;
            case MessageType.Attach:
                var attached = Find(ref reader);
                var streams = (AttachStreams)reader.Byte();
                attached.Attach(frame.Descriptors.Count == 1 ? frame.Descriptors[0] : throw new InvalidDataException("an attach takes one descriptor"),
                    streams);
                break;
            case MessageType.Resize:
                Find(ref reader).Resize((ushort)reader.Int32(), (ushort)reader.Int32());
                break;
            case MessageType.CloseStdin:
                Find(ref reader).CloseInput();
                break;
            case MessageType.Signal:
                Signal(Find(ref reader), reader.Int32());
                break;
            case MessageType.Forget:
                Forget(Find(ref reader));
                break;
            case MessageType.FlushLog:
                Find(ref reader).FlushLog((size, dropped) =>
                    connection.Send(new MessageWriter(MessageType.FlushedLog, frame.Header.RequestId).Int64(size).Int64(dropped)));
                return;
            default:
                throw new InvalidDataException($"a message of the unknown type {frame.Header.Type}");
        }
        reader.End();
        connection.Send(new MessageWriter(MessageType.Done, frame.Header.RequestId));
    }

    /// <summary>Prepares everything that receives output, says so, then starts the process; the answer goes when it has executed.</summary>
    private void Spawn(ControlConnection connection, Frame frame, ref MessageReader reader)
    {
        var record = ProcessRecord.Read(ref reader) with { BootId = _bootId, Exit = null };
        var (descriptors, taken) = KeptDescriptors.Read(ref reader, frame.Descriptors);
        var attached = new AttachStreams[reader.Byte()];
        for (var i = 0; i < attached.Length; i++)
            attached[i] = (AttachStreams)reader.Byte();
        if (frame.Descriptors.Count - taken < attached.Length)
            throw new InvalidDataException("a spawn lacks the sockets it names");
        var program = ProcessProgramCodec.Read(reader.Rest);
        if (_processes.ContainsKey(record.Id) || !_spawning.Add(record.Id))
            throw GantryException.Conflict($"the keeper holds a process {record.Id} already");

        SupervisedProcess process;
        try
        {
            process = new SupervisedProcess(_loop, _writer, record, descriptors);
            for (var i = 0; i < attached.Length; i++)
                process.Attach(frame.Descriptors[taken + i], attached[i]);
            if (!connection.Send(new MessageWriter(MessageType.Starting, frame.Header.RequestId)))
            {
                process.Dispose();
                throw new GantryException(ErrorKind.Unavailable, $"process {record.Id} is not started: the daemon does not take what the keeper sends");
            }
        }
        catch
        {
            _spawning.Remove(record.Id);
            throw;
        }
        var requestId = frame.Header.RequestId;
        _spawner.Start(
            program, [.. frame.Descriptors.Skip(taken + attached.Length)],
            outcome =>
            {
                SpawnFinished(connection, requestId, process, outcome);
                if (_spawning.Count == 0)
                    _afterStarts.RunAll();
            },
            outcome => RecordProcess(process.Record, outcome));
    }

    /// <summary>
    /// Does something when what is being started has been. A new daemon has to hear of what its predecessor asked for; but not for ever: a start
    /// may wait for a disk.
    /// </summary>
    private void AfterStarts(Action action)
    {
        const int patienceMilliseconds = 2000;
        if (_spawning.Count == 0)
            action();
        else
            _loop.After(patienceMilliseconds, _afterStarts.Add(action));
    }

    private void SpawnFinished(ControlConnection connection, ulong requestId, SupervisedProcess process, SpawnOutcome outcome)
    {
        _spawning.Remove(process.Record.Id);
        if (outcome.Result is not { Pid: > 0 } result)
        {
            process.Dispose();
            connection.Send(new MessageWriter(MessageType.SpawnFailed, requestId)
                .Int32(outcome.Result?.FailedOperation ?? -1)
                .Int32((outcome.Result?.Error ?? outcome.Failure!.Errno).Value)
                .Text(outcome.Failure?.Operation ?? ""));
            _server.LeaveWhenIdle();
            return;
        }
        process.Descriptors.PidFd = result.PidFd;
        Add(process);
        connection.Send(new MessageWriter(MessageType.Spawned, requestId)
            .Int32(result.Pid).Int64(outcome.StartTicks).Int64(outcome.StartedAt).Descriptor(result.PidFd));
        process.StartWaiting(result.Pid, outcome.StartTicks, outcome.StartedAt, _bootId);
        process.StartInput();
        process.StartOutput();
    }

    /// <summary>For the case that keeper and daemon both die. On the spawn's thread.</summary>
    private static void RecordProcess(ProcessRecord record, SpawnOutcome outcome)
    {
        if (record.StateFolder is null)
            return;
        try
        {
            StateFiles.WriteProcess(record.StateFolder, record with
            {
                Pid = outcome.Result!.Value.Pid, StartTicks = outcome.StartTicks, StartedAtNanoseconds = outcome.StartedAt,
            });
        }
        catch (IOException error)
        {
            Console.Error.WriteLine($"record that {record.Id} runs: {error.Message}");
        }
    }

    /// <summary>Takes over a process from a keeper that died: its end may have come, and been recorded, meanwhile.</summary>
    private void Adopt(Frame frame, ref MessageReader reader)
    {
        var record = ProcessRecord.Read(ref reader);
        var (descriptors, _) = KeptDescriptors.Read(ref reader, frame.Descriptors);
        if (_processes.ContainsKey(record.Id) || _spawning.Contains(record.Id))
            throw GantryException.Conflict($"the keeper holds a process {record.Id} already");
        var process = new SupervisedProcess(_loop, _writer, record, descriptors);
        Add(process);
        var exit = record.Exit ?? (record.StateFolder is null ? null : StateFiles.ReadExit(record.StateFolder, record));
        if (record.Exit is not null)
        {
            process.TakeExit(record.Exit);
            return;
        }
        process.StartWaiting(record.Pid, record.StartTicks, record.StartedAtNanoseconds, record.BootId, exit);
        process.StartInput();
        process.StartOutput();
    }

    private void List(ControlConnection connection, ulong requestId)
    {
        foreach (var process in _processes.Values)
        {
            var message = new MessageWriter(MessageType.ListItem, requestId);
            process.Record.Write(message);
            process.Descriptors.Write(message);
            connection.Send(message);
        }
        connection.Send(new MessageWriter(MessageType.Done, requestId));
    }

    private static void Signal(SupervisedProcess process, int signal)
    {
        var error = process.Descriptors.PidFd is { } pidFd ? PidFd.SendSignal(pidFd, signal) : Errno.ESRCH;
        if (error.Value != 0)
            throw new OsException($"send signal {signal} to process {process.Record.Pid}", error);
    }

    private void Forget(SupervisedProcess process)
    {
        if (process.Record.Exit is null)
            throw GantryException.Conflict($"process {process.Record.Id} runs and cannot be forgotten");
        // At once, so that the same ID can be started anew; clients that are still attached are served to the end.
        _processes.Remove(process.Record.Id);
        process.Forget();
    }

    private SupervisedProcess Find(ref MessageReader reader)
    {
        var id = reader.Text();
        return _processes.TryGetValue(id, out var process) ? process : throw GantryException.NotFound($"the keeper holds no process {id}");
    }
}
