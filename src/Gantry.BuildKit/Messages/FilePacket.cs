using Gantry.BuildKit.Protobuf;
using Gantry.Os.Files;

namespace Gantry.BuildKit.Messages;

/// <summary>The kinds of messages by which folders are sent (fsutil's protocol).</summary>
internal enum FilePacketKind
{
    /// <summary>A file, without its content; without a file: that was the last.</summary>
    Stat = 0,

    /// <summary>The receiver wants the content of a file.</summary>
    Request = 1,

    /// <summary>A part of a content; an empty one is its end.</summary>
    Data = 2,

    /// <summary>It is done.</summary>
    Finish = 3,

    /// <summary>It failed.</summary>
    Error = 4,
}

/// <summary><c>fsutil.types.Stat</c>: a file. The mode has Go's bits, not those of stat(2).</summary>
internal sealed record FileStat : IProtoMessage
{
    private const uint Permissions = 0x1ff;
    private const uint Directory = 1u << 31;
    private const uint SymbolicLink = 1u << 27;
    private const uint Device = 1u << 26;
    private const uint Fifo = 1u << 25;
    private const uint SocketFile = 1u << 24;
    private const uint SetUser = 1u << 23;
    private const uint SetGroup = 1u << 22;
    private const uint CharacterDevice = 1u << 21;
    private const uint Sticky = 1u << 20;

    public required string Path { get; init; }

    public uint Mode { get; init; }

    public uint UserId { get; init; }

    public uint GroupId { get; init; }

    public long Size { get; init; }

    /// <summary>Nanoseconds since 1970.</summary>
    public long Modified { get; init; }

    public string LinkText { get; init; } = "";

    public long DeviceMajor { get; init; }

    public long DeviceMinor { get; init; }

    /// <summary>What it is; null: none of the kinds that contexts have.</summary>
    public FileKind? Kind => (Mode & (Directory | SymbolicLink | Device | Fifo | SocketFile)) switch
    {
        0 => FileKind.Regular,
        Directory => FileKind.Directory,
        SymbolicLink => FileKind.SymbolicLink,
        _ => null,
    };

    /// <summary>The permission bits of stat(2).</summary>
    public uint UnixPermissions => (Mode & Permissions)
        | ((Mode & SetUser) != 0 ? 0x800u : 0) | ((Mode & SetGroup) != 0 ? 0x400u : 0) | ((Mode & Sticky) != 0 ? 0x200u : 0);

    /// <summary>Go's bits of a file's kind and permissions.</summary>
    public static uint ModeOf(FileKind kind, uint permissions) => (permissions & Permissions)
        | ((permissions & 0x800) != 0 ? SetUser : 0) | ((permissions & 0x400) != 0 ? SetGroup : 0) | ((permissions & 0x200) != 0 ? Sticky : 0)
        | kind switch
        {
            FileKind.Directory => Directory,
            FileKind.SymbolicLink => SymbolicLink,
            FileKind.CharacterDevice => Device | CharacterDevice,
            FileKind.BlockDevice => Device,
            FileKind.Fifo => Fifo,
            FileKind.Socket => SocketFile,
            _ => 0,
        };

    public static FileStat Parse(ReadOnlySpan<byte> bytes)
    {
        var (path, mode, user, group, size, modified, link) = ("", 0u, 0u, 0u, 0L, 0L, "");
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: path = reader.Text(); break;
                case 2: mode = (uint)reader.Number(); break;
                case 3: user = (uint)reader.Number(); break;
                case 4: group = (uint)reader.Number(); break;
                case 5: size = reader.Number(); break;
                case 6: modified = reader.Number(); break;
                case 7: link = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }
        return new FileStat { Path = path, Mode = mode, UserId = user, GroupId = group, Size = size, Modified = modified, LinkText = link };
    }

    public void Write(ProtoWriter writer) => writer
        .Text(1, Path).Number(2, Mode).Number(3, UserId).Number(4, GroupId).Number(5, Size).Number(6, Modified).Text(7, LinkText)
        .Number(8, DeviceMajor).Number(9, DeviceMinor);
}

/// <summary><c>fsutil.types.Packet</c>, to be sent.</summary>
internal sealed record FilePacket(FilePacketKind Kind, FileStat? Stat = null, long Id = 0, ReadOnlyMemory<byte> Data = default) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer.Number(1, (long)Kind).Message(2, Stat).Number(3, Id).Bytes(4, Data.Span);
}

/// <summary><c>fsutil.types.Packet</c>, as it was received: its data are not copied.</summary>
internal readonly ref struct ReceivedPacket
{
    public ReceivedPacket(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: Kind = (FilePacketKind)reader.Number(); break;
                case 2: Stat = FileStat.Parse(reader.Bytes()); break;
                case 3: Id = (int)reader.Number(); break;
                case 4: Data = reader.Bytes(); break;
                default: reader.Skip(); break;
            }
        }
    }

    public FilePacketKind Kind { get; }

    public FileStat? Stat { get; }

    public int Id { get; }

    public ReadOnlySpan<byte> Data { get; }
}
