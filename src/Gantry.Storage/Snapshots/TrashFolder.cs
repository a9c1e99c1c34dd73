using System.Text;
using System.Threading.Channels;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Trees;

namespace Gantry.Storage.Snapshots;

/// <summary>
/// Where folders go to be deleted: moving one here is a rename, deleting it takes its time, on one thread in the background. What is
/// here when the process starts is deleted too.
/// </summary>
internal sealed class TrashFolder : IDisposable
{
    private readonly Fd _folder;
    private readonly Action<Exception> _report;
    private readonly Channel<Job> _jobs = Channel.CreateUnbounded<Job>(new() { SingleReader = true });
    private readonly Task _worker;
    private readonly CancellationTokenSource _stop = new();

    internal TrashFolder(Fd folder, Action<Exception> report)
    {
        _folder = folder;
        _report = report;
        foreach (var leftover in DirectoryReader.Read(folder))
            _jobs.Writer.TryWrite(new Job(leftover.Name, null));
        _worker = Task.Factory.StartNew(DeleteAll, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Moves a folder here; from now on it is gone.</summary>
    /// <exception cref="OsException">It cannot be renamed.</exception>
    internal void Throw(Fd parent, ReadOnlySpan<byte> name)
    {
        var discarded = Encoding.ASCII.GetBytes(Guid.NewGuid().ToString("n"));
        FileNodes.Rename(parent, name, _folder, discarded, replace: false);
        _jobs.Writer.TryWrite(new Job(discarded, null));
    }

    /// <summary>Completes when what is here now is deleted.</summary>
    internal Task FlushAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _jobs.Writer.TryWrite(new Job(null, done)) ? done.Task : Task.CompletedTask;
    }

    /// <summary>Stops deleting; the rest is deleted at the next start.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _jobs.Writer.TryComplete();
        _worker.GetAwaiter().GetResult();
        _stop.Dispose();
        _folder.Dispose();
    }

    private void DeleteAll()
    {
        foreach (var job in _jobs.Reader.ReadAllAsync().ToBlockingEnumerable())
        {
            job.Done?.TrySetResult();
            if (job.Name is not null && !_stop.IsCancellationRequested)
                Delete(job.Name);
        }
    }

    private void Delete(byte[] name)
    {
        try
        {
            TreeDeleter.Delete(_folder, name, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The process ends; what is left stays in the trash.
        }
        catch (OsException error)
        {
            _report(error);
        }
    }

    private readonly record struct Job(byte[]? Name, TaskCompletionSource? Done);
}
