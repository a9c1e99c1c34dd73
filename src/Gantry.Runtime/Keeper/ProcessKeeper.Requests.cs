using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;
using Gantry.Runtime.Keeper.Client;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Keeper;

/// <summary>What the engine asks of the keeper.</summary>
public sealed partial class ProcessKeeper
{
    /// <summary>Between a keeper's death and the look for its successor.</summary>
    private static readonly TimeSpan TakeOverPause = TimeSpan.FromMilliseconds(5);

    /// <summary>Starts a process; when this returns it has executed its file.</summary>
    /// <exception cref="OsException">The program failed in the child; the operation is the stage's text. Or there was no child.</exception>
    /// <exception cref="GantryException">
    /// The ID is in use (Conflict). The keeper died meanwhile (Unavailable): whether the process runs is not known, so the caller kills what is in
    /// its cgroup.
    /// </exception>
    public async Task<KeptProcess> SpawnAsync(SpawnRequest request, CancellationToken cancellation)
    {
        KeptDescriptors? descriptors = null;
        try
        {
            // 1. The streams, both ends, before anything runs.
            using var streams = ChildStreams.Create(request.Id, request.Stdio, request.Log, request.Terminals);
            descriptors = streams.Host;
            // 2. The program.
            using var launch = request.Compile(streams.Child);
            var record = new ProcessRecord
            {
                Id = request.Id, Stdio = request.Stdio, Pipes = streams.Pipes, Log = request.Log, StateFolder = request.StateFolder,
            };
            // 3. Everything to the keeper, which starts it; to the next one, if it died before it began to.
            while (true)
            {
                var connection = await _primary.Task.WaitAsync(cancellation);
                var message = Compose(connection, request, record, descriptors, launch);
                if (await TrySpawnAsync(connection, message, record, descriptors, launch.Program) is { } process)
                    return process;
                await Task.Delay(TakeOverPause, cancellation);
            }
        }
        catch
        {
            descriptors?.Dispose();
            throw;
        }
        finally
        {
            foreach (var end in request.Attached)
                end.Socket.Dispose();
        }
    }

    /// <summary>Lets a client see a process's output from now on, and write to its input.</summary>
    /// <exception cref="GantryException">The process is not held (NotFound), or the keeper died (Unavailable).</exception>
    public async Task AttachAsync(string id, AttachEnd end)
    {
        using (end.Socket)
            await RequestAsync(id, MessageType.Attach, message => message.Byte((byte)end.Streams).Descriptor(end.Socket));
    }

    /// <summary>Sets the size of a process's terminal.</summary>
    /// <exception cref="GantryException">The process is not held (NotFound).</exception>
    /// <exception cref="OsException">It has no terminal (ENOTTY).</exception>
    public Task ResizeAsync(string id, ushort rows, ushort columns) =>
        RequestAsync(id, MessageType.Resize, message => message.Int32(rows).Int32(columns));

    /// <summary>Closes the standard input of a process; one with a terminal is left as it is.</summary>
    /// <exception cref="GantryException">The process is not held (NotFound).</exception>
    public Task CloseStdinAsync(string id) => RequestAsync(id, MessageType.CloseStdin, message => message);

    /// <summary>Sends a signal to a process.</summary>
    /// <exception cref="GantryException">The process is not held (NotFound).</exception>
    /// <exception cref="OsException">It has ended (ESRCH).</exception>
    public Task SignalAsync(string id, int signal) => RequestAsync(id, MessageType.Signal, message => message.Int32(signal));

    /// <summary>Waits until everything a process has written so far is in its log.</summary>
    /// <returns>The size of the log file, and how many bytes of log could not be written so far (the disk was full).</returns>
    /// <exception cref="GantryException">The process is not held (NotFound).</exception>
    public async Task<(long Size, long Dropped)> FlushLogAsync(string id)
    {
        var process = Get(id);
        await _primary.Task;
        var message = process.Connection.New(MessageType.FlushLog).Text(id);
        return await process.Connection.SendAsync(message, MessageType.FlushedLog, frame =>
        {
            var reader = new MessageReader(frame.Payload);
            return (reader.Int64(), reader.Int64());
        });
    }

    /// <summary>
    /// The end of a process was taken note of: it is dropped, and with it the documents in its state folder. Clients that are still attached get
    /// what is left for them. One that is not held is forgotten already.
    /// </summary>
    /// <exception cref="GantryException">The process runs (Conflict).</exception>
    public async Task ForgetAsync(string id)
    {
        if (Find(id) is not { } process)
            return;
        await SurelyForgetAsync(process);
        lock (_lock)
            _processes.Remove(id);
        process.Descriptors.Dispose();
        if (process.Record.StateFolder is { } folder)
            StateFiles.Delete(folder);
        LeaveIfUnused(process.Connection);
    }

    /// <summary>Until a keeper that lives has taken note: the successor of one that died is given all that was not forgotten.</summary>
    private async Task SurelyForgetAsync(KeptProcess process)
    {
        const int pauseMilliseconds = 5;
        while (!_disposed)
        {
            try
            {
                await RequestAsync(process.Id, MessageType.Forget, message => message);
                return;
            }
            catch (GantryException error) when (error.Kind == ErrorKind.NotFound)
            {
                return;
            }
            catch (GantryException error) when (error.Kind == ErrorKind.Unavailable)
            {
                await Task.Delay(pauseMilliseconds);
            }
        }
    }

    private static MessageWriter Compose(
        KeeperConnection connection, SpawnRequest request, ProcessRecord record, KeptDescriptors descriptors, ContainerLaunch launch)
    {
        var message = connection.New(MessageType.Spawn);
        record.Write(message);
        descriptors.Write(message);
        message.Byte(checked((byte)request.Attached.Count));
        foreach (var end in request.Attached)
            message.Byte((byte)end.Streams).Descriptor(end.Socket);
        foreach (var descriptor in launch.Descriptors)
            message.Descriptor(descriptor);
        ProcessProgramCodec.Write(launch.Program, message.Payload);
        return message;
    }

    /// <returns>The process; null: the keeper died, and cannot have made one.</returns>
    private async Task<KeptProcess?> TrySpawnAsync(
        KeeperConnection connection, MessageWriter message, ProcessRecord record, KeptDescriptors descriptors, ProcessProgram program)
    {
        var mayHaveBegun = false;
        try
        {
            return await connection.SendAsync(message, MessageType.Spawned, frame =>
            {
                var reader = new MessageReader(frame.Payload);
                var started = record with
                {
                    Pid = reader.Int32(), StartTicks = reader.Int64(), StartedAtNanoseconds = reader.Int64(), BootId = StateFiles.ReadBootId(),
                };
                descriptors.PidFd = frame.Descriptors is [var pidFd] ? pidFd : throw new InvalidDataException("a spawned process without its pidfd");
                var process = new KeptProcess(started, descriptors, connection);
                lock (_lock)
                    _processes[started.Id] = process;
                return process;
            }, _ => mayHaveBegun = true);
        }
        catch (SpawnFailure failure)
        {
            throw failure.Explain(program.Stages);
        }
        catch (GantryException error) when (error.Kind == ErrorKind.Unavailable && connection.IsClosed && !mayHaveBegun && !_disposed)
        {
            return null;
        }
    }

    private async Task RequestAsync(string id, MessageType type, Func<MessageWriter, MessageWriter> compose)
    {
        var process = Get(id);
        // While a keeper is being replaced there is none to ask.
        await _primary.Task;
        await process.Connection.SendAsync(compose(process.Connection.New(type).Text(id)));
    }

    private KeptProcess Get(string id) => Find(id) ?? throw GantryException.NotFound($"the keeper holds no process {id}");
}
