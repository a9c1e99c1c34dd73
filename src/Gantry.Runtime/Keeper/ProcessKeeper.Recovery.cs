using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Runtime.Keeper.Client;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.Keeper;

/// <summary>What happens when a keeper dies, or died together with the daemon.</summary>
public sealed partial class ProcessKeeper
{
    /// <summary>The exit code of a process whose end nobody saw.</summary>
    private const int UnknownCode = 255;

    /// <summary>
    /// Finds a process that no keeper holds, because daemon and keeper both died: its pipes are opened anew through /proc/PID/fd (a
    /// terminal cannot be), and the keeper takes it. If it ended meanwhile its exit is what was recorded, or unknown.
    /// </summary>
    /// <param name="stateFolder">The folder given when it was started.</param>
    /// <returns>The process, <see cref="Processes"/> has it too; null: the folder tells of no process of this boot.</returns>
    public async Task<KeptProcess?> RecoverAsync(string stateFolder)
    {
        if (StateFiles.ReadProcess(stateFolder) is not { } record)
            return null;
        if (Find(record.Id) is { } known)
            return known;
        var descriptors = new KeptDescriptors { Ring = ChildStreams.CreateRing(record.Id, record.Log) };
        var exit = StateFiles.ReadExit(stateFolder, record);
        if (exit is null && PidFd.TryOpen(record.Pid, out _) is { } pidFd)
        {
            descriptors.PidFd = pidFd;
            // The ID may belong to another process by now.
            if (PidFd.StartTicks(record.Pid) == record.StartTicks)
                ReopenPipes(record, descriptors);
            else
                exit = Unknown(record);
        }
        record = record with { Exit = exit ?? (descriptors.PidFd is null ? Unknown(record) : null) };
        var process = new KeptProcess(record, descriptors, await _primary.Task);
        lock (_lock)
            _processes[record.Id] = process;
        return await SurelyAdoptAsync(process);
    }

    /// <summary>For tests: the connection breaks while the keeper lives.</summary>
    internal void BreakConnection() => _primary.Task.Result.Break();

    private static ProcessExit Unknown(ProcessRecord record) => new(record.Id, UnknownCode, null, DateTimeOffset.UtcNow, false);

    private static void ReopenPipes(ProcessRecord record, KeptDescriptors descriptors)
    {
        Fd? Reopen(int stream, OpenFlags flags)
        {
            var path = $"/proc/{record.Pid}/fd/{stream}";
            // Whatever else it has made of that number is not ours to read.
            if (record.Pipes.Count <= stream || record.Pipes[stream].Length == 0 || LinkName(path) != record.Pipes[stream])
                return null;
            return FileOpener.TryOpen(null, System.Text.Encoding.UTF8.GetBytes(path), flags | OpenFlags.NonBlocking, 0, out _);
        }

        descriptors.Stdin = Reopen(0, OpenFlags.WriteOnly);
        descriptors.Stdout = Reopen(1, OpenFlags.ReadOnly);
        descriptors.Stderr = Reopen(2, OpenFlags.ReadOnly);
    }

    private static string? LinkName(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: false)?.Name;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static Task AdoptAsync(KeeperConnection connection, KeptProcess process)
    {
        var message = connection.New(MessageType.Adopt);
        process.Record.Write(message);
        process.Descriptors.Write(message);
        return connection.SendAsync(message);
    }

    /// <summary>Until a keeper that lives holds it: a successor may have been given what this object held before.</summary>
    /// <returns>The process; another object if the keeper held it already.</returns>
    private async Task<KeptProcess> SurelyAdoptAsync(KeptProcess process)
    {
        const int pauseMilliseconds = 5;
        while (!_disposed)
        {
            try
            {
                await AdoptAsync(process.Connection, process);
                return process;
            }
            catch (GantryException error) when (error.Kind == ErrorKind.Conflict)
            {
                if (await TakeListedAsync(process) is { } listed)
                    return listed;
            }
            catch (GantryException error) when (error.Kind == ErrorKind.Unavailable)
            {
                // Another is on its way.
            }
            await Task.Delay(pauseMilliseconds);
            process.Connection = await _primary.Task;
        }
        return process;
    }

    /// <summary>
    /// In place of what was opened anew, takes what the keeper holds: the process was started for a daemon that died meanwhile, and what the keeper
    /// has read is in the ring it was given then. Nor must its input stay open here if it has ended there already.
    /// </summary>
    /// <returns>The process as the keeper knows it; null: it is still being started, or its start has failed.</returns>
    private async Task<KeptProcess?> TakeListedAsync(KeptProcess opened)
    {
        var id = opened.Record.Id;
        lock (_lock)
            _processes.Remove(id);
        try
        {
            await ListAsync(opened.Connection);
        }
        catch (GantryException error) when (error.Kind == ErrorKind.Unavailable)
        {
            // It died just now: its successor is asked.
        }
        lock (_lock)
        {
            if (_processes.TryGetValue(id, out var listed))
            {
                opened.Descriptors.Dispose();
                return listed;
            }
            _processes[id] = opened;
            return null;
        }
    }

    /// <summary>A keeper is gone. On its connection's thread, which ends with this.</summary>
    private void Lost(KeeperConnection connection)
    {
        lock (_lock)
        {
            // A connection that was never in use (its keeper was about to leave) is the business of who tried it.
            var primary = _primary.Task.IsCompletedSuccessfully && _primary.Task.Result == connection;
            if (_disposed || !primary && !_others.Remove(connection))
                return;
            _keeperHasDied = true;
            if (primary)
                _primary = new TaskCompletionSource<KeeperConnection>(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        _ = TakeOverAsync(connection);
    }

    /// <summary>
    /// Starts another keeper, if there is none, and hands it everything the dead one held; again and again until it works, as no output is read
    /// meanwhile.
    /// </summary>
    private async Task TakeOverAsync(KeeperConnection dead)
    {
        const int pauseMilliseconds = 1000;
        while (!_disposed)
        {
            try
            {
                // 1. A keeper. If the dead one was an old one, the one for new processes takes over.
                var primary = _primary.Task;
                var successor = primary.IsCompletedSuccessfully ? primary.Result : await ConnectPrimaryAsync(CancellationToken.None);
                // 2. What the dead one held.
                await HandOverAsync(successor);
                _ = ReapOrphansSoonAsync();
                KeeperDied?.Invoke(dead.KeeperPid, null);
                return;
            }
            catch (Exception error) when (error is GantryException or IOException)
            {
                KeeperDied?.Invoke(dead.KeeperPid, error);
                await Task.Delay(pauseMilliseconds);
            }
        }
    }

    /// <summary>
    /// The dead keeper, whose socket is closed before it has ended, and processes whose start it did not come to report: they end soon, and no
    /// exit that is told leads to them.
    /// </summary>
    private async Task ReapOrphansSoonAsync()
    {
        const int attempts = 50, pauseMilliseconds = 100;
        for (var attempt = 0; attempt < attempts && !_disposed; attempt++)
        {
            ReapOrphans();
            await Task.Delay(pauseMilliseconds);
        }
    }

    /// <summary>Gives a keeper all that no other holds; from then on it is the one for new processes.</summary>
    private async Task HandOverAsync(KeeperConnection successor)
    {
        // 1. What it holds already: all, if the old one lives and only the connection broke.
        await ListAsync(successor);
        // 2. The processes, with their exits if they have ended: the successor has to know all that is not forgotten.
        foreach (var process in Orphaned(successor))
        {
            process.Connection = successor;
            await AdoptAsync(successor, process);
        }
        // 3. Requests that waited go on. Of one that has died meanwhile nobody would learn any more.
        lock (_lock)
        {
            if (successor.IsClosed)
                throw new GantryException(ErrorKind.Unavailable, "the keeper died while it was given its processes");
            _primary.TrySetResult(successor);
        }
    }

    private List<KeptProcess> Orphaned(KeeperConnection successor)
    {
        lock (_lock)
            return [.. _processes.Values.Where(process => process.Connection != successor && !_others.Contains(process.Connection))];
    }
}
