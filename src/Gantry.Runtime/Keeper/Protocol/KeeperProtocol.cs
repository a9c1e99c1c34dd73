namespace Gantry.Runtime.Keeper.Protocol;

/// <summary>
/// The numbers both sides of the keeper's socket agree on. A connection carries frames: a header of 16 bytes (<see cref="FrameHeader"/>), a
/// payload, and with the first byte descriptors as SCM_RIGHTS. All numbers are little-endian. docs/keeper.md describes each message.
/// </summary>
public static class KeeperProtocol
{
    /// <summary>The version of the messages. It is part of the socket's name, so that a daemon knows beforehand whom it can talk to.</summary>
    public const int Version = 2;

    /// <summary>The first bytes of a hello: <c>gtkp</c>.</summary>
    public const uint Magic = 0x706b7467;

    /// <summary>The longest payload. A program with a seccomp filter has some 40 KiB; the rest is for environments and arguments (128 KiB each).</summary>
    public const int MaximumPayload = 8 << 20;

    /// <summary>The most descriptors of one frame: what the kernel takes in one message.</summary>
    public const int MaximumDescriptors = Os.Sockets.SocketMessages.MaximumDescriptors;
}

/// <summary>What a frame is: requests of the daemon from 1, answers from 64, events (which answer nothing) from 128.</summary>
public enum MessageType : ushort
{
    /// <summary>Magic, version. First on each connection. Answer: <see cref="HelloReply"/>.</summary>
    Hello = 1,

    /// <summary>
    /// A <see cref="ProcessRecord"/>, what is attached, a program; its descriptors. Answers: <see cref="Starting"/>, then <see cref="Spawned"/> or
    /// <see cref="SpawnFailed"/>.
    /// </summary>
    Spawn = 2,

    /// <summary>ID, which streams; the socket. Answer: <see cref="Done"/>.</summary>
    Attach = 3,

    /// <summary>ID, rows, columns. Answer: <see cref="Done"/>.</summary>
    Resize = 4,

    /// <summary>ID. Answer: <see cref="Done"/>.</summary>
    CloseStdin = 5,

    /// <summary>ID, signal number. Answer: <see cref="Done"/>.</summary>
    Signal = 6,

    /// <summary>ID. Answer: <see cref="Done"/>.</summary>
    Forget = 7,

    /// <summary>Nothing. Answers: a <see cref="ListItem"/> for each process, then <see cref="Done"/>.</summary>
    List = 8,

    /// <summary>A <see cref="ProcessRecord"/>; its descriptors. Answer: <see cref="Done"/>.</summary>
    Adopt = 9,

    /// <summary>ID. Answer, once everything the process has written so far is in its log: <see cref="FlushedLog"/>.</summary>
    FlushLog = 10,

    /// <summary>It is done.</summary>
    Done = 64,

    /// <summary>It failed: error kind, errno (0: none), text.</summary>
    Failed = 65,

    /// <summary>Version, process ID.</summary>
    HelloReply = 66,

    /// <summary>Process ID, start ticks, time of start; the pidfd.</summary>
    Spawned = 67,

    /// <summary>Index of the failed operation (-1: the clone itself), errno, text.</summary>
    SpawnFailed = 68,

    /// <summary>A <see cref="ProcessRecord"/>; its descriptors.</summary>
    ListItem = 69,

    /// <summary>Size of the log file, bytes that could not be written.</summary>
    FlushedLog = 70,

    /// <summary>Nothing. From here on a process may have been made, whatever becomes of the keeper; without it none was.</summary>
    Starting = 71,

    /// <summary>A <see cref="ProcessExit"/>.</summary>
    Exited = 128,

    /// <summary>ID: the process's standard input was closed, so the daemon closes its copy too.</summary>
    StdinClosed = 129,
}

/// <summary>The first 16 bytes of a frame.</summary>
/// <param name="PayloadLength">Bytes that follow.</param>
/// <param name="Type">What it is.</param>
/// <param name="DescriptorCount">Descriptors that belong to it; they come with its first byte.</param>
/// <param name="RequestId">Chosen by who asks, repeated in the answers; 0 in events.</param>
public readonly record struct FrameHeader(int PayloadLength, MessageType Type, int DescriptorCount, ulong RequestId)
{
    /// <summary>Bytes of a header.</summary>
    public const int Size = 16;
}

/// <summary>A received frame. Whoever takes it owns its descriptors.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Payload">Its payload, an array of its own.</param>
/// <param name="Descriptors">Its descriptors, in the order they were sent.</param>
public readonly record struct Frame(FrameHeader Header, byte[] Payload, IReadOnlyList<Os.Fd> Descriptors)
{
    /// <summary>Closes the descriptors that nobody took.</summary>
    public void Discard()
    {
        foreach (var descriptor in Descriptors)
            descriptor.Dispose();
    }
}
