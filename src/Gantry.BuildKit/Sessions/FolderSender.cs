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
    private readonly List<OutputFile> _files = [];

    /// <summary>Sends them.</summary>
    /// <param name="output">The files.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">The client cannot write them.</exception>
    public async Task SendAsync(OutputFiles output, CancellationToken cancellation)
    {
        await using var stream = session.Channel.Open("/moby.filesync.v1.FileSend/DiffCopy", SessionOutput.Metadata(number), cancellation);
        // 1. What files there are, while the client may already ask for contents.
        var reading = ReadAsync(stream);
        foreach (var file in output.Walk())
        {
            lock (_files)
                _files.Add(file);
            await stream.WriteAsync(new FilePacket(FilePacketKind.Stat, Stat(file)));
        }
        await stream.WriteAsync(new FilePacket(FilePacketKind.Stat));
        // 2. The contents that it wants, until it has all.
        await foreach (var wanted in _wanted.Reader.ReadAllAsync(cancellation))
            await SendAsync(wanted, stream, cancellation);
        await stream.WriteAsync(new FilePacket(FilePacketKind.Finish));
        stream.CompleteWriting();
        await reading;
    }

    private async Task SendAsync(int wanted, GrpcStream stream, CancellationToken cancellation)
    {
        OutputFile? file;
        lock (_files)
            file = wanted < _files.Count ? _files[wanted] : null;
        if (file?.File is not { } found)
            throw GantryException.Invalid($"the client asked for the file {wanted}, which there is not");
        await using var content = file.Of.Open(found);
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

    private static FileStat Stat(OutputFile output) =>
        output.File is not { } file ? new FileStat { Path = output.Path, Mode = FileStat.ModeOf(FileKind.Directory, FolderPermissions) } : new FileStat
    {
        Path = output.Path,
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
