using System.Threading.Channels;
using Gantry.Build.Exporters;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.Oci;
using Gantry.Os.Files;

namespace Gantry.BuildKit.Sessions;

/// <summary>Sends the files of a result into a folder of the client, by fsutil's protocol. For one use.</summary>
/// <param name="session">The client.</param>
/// <param name="number">The number of the output in the request.</param>
internal sealed class FolderSender(ClientSession session, int number)
{
    private const int PartLength = 1 << 15;
    private const uint FolderPermissions = 0x1ed; // 0755
    private readonly Channel<int> _wanted = Channel.CreateUnbounded<int>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly List<(ResultFiles Of, ResultFile? File)> _files = [];

    /// <summary>Sends them.</summary>
    /// <param name="results">The files, each in a folder; empty: the root.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">The client cannot write them.</exception>
    public async Task SendAsync(IReadOnlyList<(string Folder, ResultFiles Files)> results, CancellationToken cancellation)
    {
        await using var stream = session.Channel.Open("/moby.filesync.v1.FileSend/DiffCopy", SessionOutput.Metadata(number), cancellation);
        // 1. What files there are, while the client may already ask for contents.
        var reading = ReadAsync(stream);
        foreach (var (folder, files) in results)
        {
            if (folder.Length > 0)
                await TellAsync(stream, files, null, new FileStat { Path = folder, Mode = FileStat.ModeOf(FileKind.Directory, FolderPermissions) });
            foreach (var file in files.Walk())
                await TellAsync(stream, files, file, Stat(file, folder));
        }
        await stream.WriteAsync(new FilePacket(FilePacketKind.Stat));
        // 2. The contents that it wants, until it has all.
        await foreach (var wanted in _wanted.Reader.ReadAllAsync(cancellation))
            await SendAsync(wanted, stream, cancellation);
        await stream.WriteAsync(new FilePacket(FilePacketKind.Finish));
        stream.CompleteWriting();
        await reading;
    }

    private async Task TellAsync(GrpcStream stream, ResultFiles files, ResultFile? file, FileStat stat)
    {
        lock (_files)
            _files.Add((files, file));
        await stream.WriteAsync(new FilePacket(FilePacketKind.Stat, stat));
    }

    private async Task SendAsync(int wanted, GrpcStream stream, CancellationToken cancellation)
    {
        ResultFiles files;
        ResultFile? file;
        lock (_files)
            (files, file) = wanted < _files.Count && _files[wanted].File is not null ? _files[wanted] : throw GantryException.Invalid($"the client asked for the file {wanted}, which there is not");
        await using var content = files.Open(file!);
        var buffer = new byte[PartLength];
        int count;
        while ((count = content.Read(buffer)) > 0)
            await stream.WriteAsync(new FilePacket(FilePacketKind.Data, Id: wanted, Data: buffer.AsMemory(0, count)));
        await stream.WriteAsync(new FilePacket(FilePacketKind.Data, Id: wanted));
    }

    private async Task ReadAsync(GrpcStream stream)
    {
        try
        {
            while (await stream.ReadAsync() is { } message)
                Take(message.Span);
            _wanted.Writer.TryComplete();
        }
        catch (Exception error)
        {
            _wanted.Writer.TryComplete(error);
            throw;
        }
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        var packet = new ReceivedPacket(message);
        switch (packet.Kind)
        {
            case FilePacketKind.Request:
                _wanted.Writer.TryWrite(packet.Id);
                break;
            case FilePacketKind.Finish:
                _wanted.Writer.TryComplete();
                break;
            case FilePacketKind.Error:
                throw GantryException.Invalid($"error from receiver: {System.Text.Encoding.UTF8.GetString(packet.Data)}");
        }
    }

    private static FileStat Stat(ResultFile file, string folder) => new()
    {
        Path = folder.Length > 0 ? $"{folder}/{file.Path}" : file.Path,
        Mode = FileStat.ModeOf(file.Kind, file.Permissions),
        UserId = file.UserId,
        GroupId = file.GroupId,
        Size = file.Kind == FileKind.Regular ? file.Size : 0,
        Modified = (file.Modified.Seconds * 1_000_000_000) + file.Modified.Nanoseconds,
        LinkText = file.LinkText,
        DeviceMajor = file.Device.Major,
        DeviceMinor = file.Device.Minor,
    };
}
