using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Polling;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Cli.Lifecycle;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>delete</c>: removes a container that is stopped, or only created; with <c>--force</c> any.</summary>
internal static class DeleteCommand
{
    private const int SIGKILL = 9, MillisecondsToDie = 10_000;

    internal static int Run(GlobalOptions global, ReadOnlySpan<string> words)
    {
        var options = CommandOptions.Parse(words, [new("force", false, "f")]);
        options.Require("delete", 1, 1);
        var force = options.Has("force");
        var id = options.Arguments[0];
        if (global.State.TryLoad(id) is not { } record)
        {
            if (!force)
                throw GantryException.NotFound("container does not exist");
            RemoveUnfinished(global, id);
            return 0;
        }
        var (status, pid) = global.Status(record);
        if (status is "running" or "paused" && !force)
            throw GantryException.Conflict($"cannot delete container {id} that is not stopped: {status}");
        if (pid != 0)
            Kill(pid);
        ContainerRemover.Remove(global, record);
        return 0;
    }

    private static void Kill(int pid)
    {
        using var pidFd = PidFd.TryOpen(pid, out _);
        if (pidFd is null)
            return;
        PidFd.SendSignal(pidFd, SIGKILL);
        using var epoll = new Epoll();
        epoll.Add(pidFd, PollEvents.Readable, 0);
        Span<PollResult> events = stackalloc PollResult[1];
        if (epoll.Wait(events, MillisecondsToDie) == 0)
            throw new GantryException(ErrorKind.System, $"container init still running: process {pid} has not ended");
    }

    /// <summary>What an interrupted creation left: a folder without a record.</summary>
    private static void RemoveUnfinished(GlobalOptions global, string id)
    {
        if (!id.Contains('/', StringComparison.Ordinal) && id is not ("" or "." or "..") && Directory.Exists(global.State.Folder(id)))
            global.State.Delete(id);
    }
}
