using Gantry.Build.Contexts;
using Gantry.Build.Progress;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.Oci;
using Gantry.Os.Files;

namespace Gantry.BuildKit.Sessions;

/// <summary>Receives a folder of a client by fsutil's protocol: first what files there are, then the contents that are not here yet. For one use.</summary>
/// <param name="session">The client.</param>
/// <param name="store">Where contents go.</param>
/// <param name="memory">Knows what was sent before.</param>
/// <param name="clock">The time.</param>
internal sealed class FolderReceiver(ClientSession session, FileStore store, ContextMemory memory, TimeProvider clock)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_reportEvery = TimeSpan.FromMilliseconds(150);
    private readonly List<int> _numbers = [];
    private readonly Dictionary<int, int> _wireIds = [];
    private readonly List<(string Path, string Target)> _links = [];
    private bool _listed;
    private int _added;
    private long _bytes;
    private DateTimeOffset _lastReport;

    /// <summary>Receives it.</summary>
    /// <param name="order">What of it.</param>
    /// <param name="key">What tells the folder from others, for what was sent before.</param>
    /// <param name="what">What is transferred, for progress.</param>
    /// <param name="step">Is told how far it is.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">The client cannot read it.</exception>
    public async Task<FileSet> ReceiveAsync(FolderOrder order, string key, string what, ProgressStep step, CancellationToken cancellation)
    {
        using var receiver = new ContextReceiver(store, memory, key);
        await using var stream = session.Channel.Open("/moby.filesync.v1.FileSync/DiffCopy", order.Metadata(), cancellation);
        var requests = Task.CompletedTask;
        var isFinished = false;
        while (await stream.ReadAsync() is { } message)
        {
            _bytes += message.Length;
            if (Take(receiver, message.Span))
                requests = RequestAsync(stream, receiver);
            if (!isFinished && _listed && receiver.IsComplete)
            {
                isFinished = true;
                await requests;
                await stream.WriteAsync(new FilePacket(FilePacketKind.Finish));
                stream.CompleteWriting();
            }
            Report(what, step, isLast: false);
        }
        await requests;
        if (!_listed || !receiver.IsComplete)
            throw GantryException.Invalid($"the client ended before it had sent its folder {order.Name}");
        Report(what, step, isLast: true);
        return Finish(receiver);
    }

    /// <summary>Takes a message; true: that was the last file.</summary>
    private bool Take(ContextReceiver receiver, ReadOnlySpan<byte> message)
    {
        var packet = new ReceivedPacket(message);
        switch (packet.Kind)
        {
            case FilePacketKind.Stat when packet.Stat is { } stat:
                Add(receiver, stat);
                break;
            case FilePacketKind.Stat:
                _listed = true;
                return true;
            case FilePacketKind.Data:
                if (packet.Id >= _numbers.Count || _numbers[packet.Id] < 0)
                    throw GantryException.Invalid($"invalid file request {packet.Id}");
                receiver.Take(_numbers[packet.Id], packet.Data, isLast: packet.Data.IsEmpty);
                break;
            case FilePacketKind.Error:
                throw GantryException.Invalid($"error from sender: {System.Text.Encoding.UTF8.GetString(packet.Data)}");
        }
        return false;
    }

    private void Add(ContextReceiver receiver, FileStat stat)
    {
        // Sockets, FIFOs and devices have numbers, too, but do not come into contexts; nor does anything with a path that leads out.
        var isLink = stat.Kind == FileKind.Regular && stat.LinkText.Length > 0;
        if (stat.Kind is not { } kind || isLink || stat.Path.Split('/').Any(part => part is "" or "." or ".."))
        {
            _numbers.Add(-1);
            if (isLink)
                _links.Add((stat.Path, stat.LinkText));
            return;
        }
        _wireIds[_added] = _numbers.Count;
        _numbers.Add(_added++);
        var modified = Time(stat.Modified);
        receiver.Add(
            new FileSetEntry
            {
                Path = stat.Path, Kind = kind, Permissions = stat.UnixPermissions, Size = stat.Size, Modified = modified, LinkText = stat.LinkText,
            },
            new FileIdentity(IsSettled(modified) ? 1ul : 0, stat.Size, modified.Seconds, modified.Nanoseconds));
    }

    /// <summary>A file that changed just now may change once more within the same tick of the client's clock, and look the same.</summary>
    private bool IsSettled(FileTime modified) =>
        (clock.GetUtcNow() - DateTimeOffset.UnixEpoch - TimeSpan.FromSeconds(modified.Seconds) - TimeSpan.FromMicroseconds(modified.Nanoseconds / 1000d))
            .Duration() > s_tick;

    private static FileTime Time(long nanoseconds)
    {
        const long second = 1_000_000_000;
        var seconds = Math.DivRem(nanoseconds, second, out var rest);
        return rest < 0 ? new FileTime(seconds - 1, (uint)(rest + second)) : new FileTime(seconds, (uint)rest);
    }

    /// <summary>Asks for contents while others arrive: the client reads no more requests than it can keep.</summary>
    private async Task RequestAsync(GrpcStream stream, ContextReceiver receiver)
    {
        foreach (var number in receiver.Missing())
            await stream.WriteAsync(new FilePacket(FilePacketKind.Request, Id: _wireIds[number]));
    }

    private FileSet Finish(ContextReceiver receiver)
    {
        var files = receiver.Finish();
        if (_links.Count == 0)
            return files;
        var linked = _links.Select(link => files.Find(link.Target.TrimStart('/')) is { } target ? target with { Path = link.Path }
            : throw GantryException.Invalid($"the client sent {link.Path} as a link to {link.Target}, which it did not send"));
        return new FileSet([.. files.Entries, .. linked]);
    }

    private void Report(string what, ProgressStep step, bool isLast)
    {
        var now = clock.GetUtcNow();
        if (!isLast && now - _lastReport < s_reportEvery)
            return;
        _lastReport = now;
        step.Part($"transferring {what}:", "transferring", _bytes, 0, completed: isLast);
    }
}
