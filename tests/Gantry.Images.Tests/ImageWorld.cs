using Gantry.Os.Files;
using Gantry.Storage.Content;
using Gantry.Storage.Snapshots;

namespace Gantry.Images.Tests;

/// <summary>An image store in a folder of its own, with all that works on it.</summary>
public sealed class ImageWorld : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("gantry-images-").FullName;

    public ImageWorld() => Open();

    public ContentStore Content { get; private set; } = null!;

    public ISnapshotter Snapshotter { get; private set; } = null!;

    public ImageStore Store { get; private set; } = null!;

    public ImageUnpacker Unpacker { get; private set; } = null!;

    public ImageLoader Loader { get; private set; } = null!;

    public ImageRemover Remover => new(Store, Users);

    /// <summary>What the time of uses is; it stands still.</summary>
    public SetClock Clock { get; } = new();

    public string UsePath => Path.Combine(_root, "image-use.json");

    public ImagePruner Pruner => new(Store, Remover, Users);

    public List<ImageEvent> Events { get; } = [];

    public List<string> Lines { get; } = [];

    /// <summary>Who uses which image.</summary>
    public Dictionary<string, ImageUser[]> UsersById { get; } = [];

    public string Root => _root;

    public IEnumerable<ImageUser> Users(Gantry.Oci.Images.Digest id) => UsersById.GetValueOrDefault(id.ToString(), []);

    /// <summary>As if the daemon had ended and another started.</summary>
    public void Restart()
    {
        Store.Use.Dispose();
        Content.Dispose();
        Snapshotter.Dispose();
        Open();
    }

    public async Task<IReadOnlyList<Image>> LoadAsync(byte[] archive, params Gantry.Oci.Images.Platform[] platforms)
    {
        Lines.Clear();
        return await Loader.LoadAsync(new ForwardStream(archive), progress =>
        {
            if (progress.Line is not null)
                Lines.Add(progress.Line);
        }, platforms);
    }

    /// <summary>All there is on disk: blobs and unpacked layers. A failed load must leave it as it was.</summary>
    public (int Blobs, int Layers, string Index) Contents() =>
        (Content.List().Count(), Snapshotter.List().Count, string.Join(' ', Content.ReadIndex().Manifests.Select(m => m.Digest)));

    /// <summary>The text of a file of an unpacked image.</summary>
    public string ReadFile(Image image, string path)
    {
        using var mount = Snapshotter.OpenMount(image.TopSnapshot!, readOnly: true);
        using var file = FileOpener.OpenWithin(mount, KernelPath.FromText(path), OpenFlags.ReadOnly, ResolveFlags.InRoot);
        var buffer = new byte[4096];
        return System.Text.Encoding.UTF8.GetString(buffer, 0, FileData.Read(file, buffer));
    }

    public void Dispose()
    {
        Store.Use.Dispose();
        Snapshotter.FlushAsync().GetAwaiter().GetResult();
        Content.Dispose();
        Snapshotter.Dispose();
        DirectoryTree.Remove(_root);
    }

    private void Open()
    {
        Content = ContentStore.Open(Path.Combine(_root, "content"));
        Snapshotter = SnapshotterSelector.Open(Path.Combine(_root, "snapshots"));
        Store = ImageStore.Open(Content, Snapshotter, Events.Add, new ImageUse(UsePath, Clock));
        Unpacker = new ImageUnpacker(Content, Snapshotter);
        Loader = new ImageLoader(Store, Unpacker, Snapshotter);
    }
}

/// <summary>A clock that is set; its timers fire when told to.</summary>
public sealed class SetClock : TimeProvider
{
    private readonly List<Action> _timers = [];

    public DateTimeOffset Now { get; set; } = DateTimeOffset.UtcNow;

    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new SetTimer(() => _timers.Add(() => callback(state)));

    /// <summary>Fires what waits, and tells how many that were.</summary>
    public int FireTimers()
    {
        Action[] waiting = [.. _timers];
        _timers.Clear();
        foreach (var fire in waiting)
            fire();
        return waiting.Length;
    }

    private sealed class SetTimer(Action wait) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            wait();
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>A stream that cannot seek and gives a few bytes at a time, only asynchronously, like the body of a request.</summary>
public sealed class ForwardStream(byte[] content) : Stream
{
    private int _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await Task.Yield();
        var count = Math.Min(Math.Min(buffer.Length, 40_000), content.Length - _position);
        content.AsMemory(_position, count).CopyTo(buffer);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new InvalidOperationException("synchronous reads are not allowed");

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
