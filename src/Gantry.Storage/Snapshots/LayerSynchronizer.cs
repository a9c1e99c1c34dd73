using System.Text;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Snapshots;

/// <summary>
/// Knows which layers are on the disk for certain. A layer is born with the mark <c>unsynced</c>, a symbolic link whose text is the ID of
/// the boot it was unpacked in (one system call, and journaled with the names). Some seconds later, for all layers that came meanwhile
/// together, the file system is synced and the marks are removed. A mark of another boot means that the machine went down before
/// that: the layer may have holes, and is discarded.
/// </summary>
internal sealed class LayerSynchronizer : IDisposable
{
    private static readonly TimeSpan _delay = TimeSpan.FromSeconds(5);
    private readonly Fd _layers;
    private readonly Action<Exception> _report;
    private readonly List<byte[]> _waiting = [];
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _oneAtATime = new(1);
    private readonly CancellationTokenSource _stop = new();
    private Task _scheduled = Task.CompletedTask;

    /// <param name="layers">The folder of the layers; not owned.</param>
    /// <param name="bootId">This boot's ID (/proc/sys/kernel/random/boot_id).</param>
    /// <param name="report">Told when the file system cannot be synced.</param>
    internal LayerSynchronizer(Fd layers, string bootId, Action<Exception> report)
    {
        _layers = layers;
        BootId = Encoding.ASCII.GetBytes(bootId);
        _report = report;
    }

    private static ReadOnlySpan<byte> MarkName => "unsynced"u8;

    private byte[] BootId { get; }

    /// <summary>Marks a folder that is about to become a layer.</summary>
    /// <exception cref="OsException">The mark cannot be made.</exception>
    internal void Mark(Fd folder) => FileNodes.MakeSymbolicLink(BootId, folder, MarkName);

    /// <summary>Whether what is in the layer's folder can be relied on.</summary>
    internal bool IsIntact(ReadOnlySpan<byte> name)
    {
        var mark = FileNodes.TryReadLink(_layers, MarkPath(name), out _);
        return mark is null || mark.AsSpan().SequenceEqual(BootId);
    }

    internal bool IsMarked(ReadOnlySpan<byte> name) => FileNodes.TryReadLink(_layers, MarkPath(name), out _) is not null;

    /// <summary>Has the layer's mark removed after a sync to come.</summary>
    internal void Enqueue(byte[] name)
    {
        lock (_gate)
        {
            _waiting.Add(name);
            if (_waiting.Count == 1 && !_stop.IsCancellationRequested)
                _scheduled = SynchronizeLaterAsync();
        }
    }

    /// <summary>Syncs what waits, now.</summary>
    internal Task FlushAsync() => Task.Run(SynchronizeAsync);

    public void Dispose()
    {
        _stop.Cancel();
        _scheduled.GetAwaiter().GetResult();
        _stop.Dispose();
        _oneAtATime.Dispose();
    }

    private async Task SynchronizeLaterAsync()
    {
        try
        {
            await Task.Delay(_delay, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
            await SynchronizeAsync();
        }
        catch (OperationCanceledException)
        {
            // The end of the process: the marks stay, and are taken care of at the next start.
        }
    }

    private async Task SynchronizeAsync()
    {
        await _oneAtATime.WaitAsync();
        try
        {
            byte[][] names;
            lock (_gate)
            {
                names = [.. _waiting];
                _waiting.Clear();
            }
            if (names.Length == 0)
                return;
            FileSynchronization.SynchronizeFileSystem(_layers);
            foreach (var name in names)
                FileNodes.TryUnlink(_layers, MarkPath(name));
        }
        catch (OsException error)
        {
            _report(error);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    private static byte[] MarkPath(ReadOnlySpan<byte> name) => [.. name, (byte)'/', .. MarkName];
}
