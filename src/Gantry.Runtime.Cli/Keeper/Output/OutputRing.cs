using System.Runtime.InteropServices;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Memory;
using Gantry.Os.Pipes;
using Gantry.Os.Security;

namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>A piece of output as one read gave it.</summary>
/// <param name="Position">Where its header is in the ring.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Stream">0: standard output (or the terminal), 1: errors.</param>
/// <param name="Time">When it was read, in nanoseconds since 1970.</param>
internal readonly record struct OutputChunk(long Position, int Length, int Stream, long Time)
{
    /// <summary>Where the next one is.</summary>
    public long Next => Position + OutputRing.ChunkHeader + ((Length + 15) & ~15);
}

/// <summary>A stretch of the ring: two pieces where it goes past the end.</summary>
internal readonly ref struct RingPieces(Span<byte> first, Span<byte> second)
{
    public Span<byte> First { get; } = first;

    public Span<byte> Second { get; } = second;
}

/// <summary>
/// The memory through which all output of one process passes, shared with the daemon by its descriptor so that it outlives a keeper that is
/// killed at any instruction. The loop's thread appends what it reads; the log's thread and attached streams follow, each at its own pace.
/// </summary>
/// <remarks>
/// Layout: a page of numbers, four areas for unfinished lines (<see cref="LogState"/>), the ring. Positions only ever grow; modulo the
/// capacity they are places in the ring. A chunk is <c>{length, stream, time}</c> in 16 bytes and its data, filled up to a multiple of 16:
/// headers never wrap.
/// <para>
/// A read that is killed between the kernel's copy and the move of <c>head</c> would lose what it took from the pipe. So before each
/// read its length (exactly what FIONREAD announced, hence exactly what the read will give: nobody else reads there) is noted, and random
/// bytes that no process can know are put where the data will go. A successor finds out by them whether the read took place.
/// </para>
/// </remarks>
internal sealed class OutputRing : IDisposable
{
    /// <summary>The least bytes of a ring. Pages that are not touched cost nothing, and quiet processes touch one.</summary>
    public const int SmallestCapacity = 256 * 1024;

    /// <summary>The length of the smallest file.</summary>
    public const int SmallestFile = DataStart + SmallestCapacity;

    /// <summary>The longest unfinished line: docker's, too.</summary>
    public const int MaximumLine = 16 * 1024;

    internal const int ChunkHeader = 16;
    private const int MaximumRead = 64 * 1024;
    private const int MinimumRead = 4096;
    private const int CarryStart = 4096;
    private const int DataStart = CarryStart + 4 * MaximumLine;
    private const long Magic = 0x31676e6952795447; // "GTyRing1"

    // Places in the first page.
    private const int MarkerAt = 16, HeadAt = 64, IntentAt = 128, ActiveAt = 192, StateAt = 256;
    private const int MarkerSize = 16;

    private readonly SharedMemory _memory;
    private long _discardedAt;

    private OutputRing(SharedMemory memory, int capacity) => (_memory, Capacity) = (memory, capacity);

    /// <summary>Bytes of the ring itself, a power of two.</summary>
    public int Capacity { get; }

    /// <summary>Maps a ring; a file of zeros becomes an empty one.</summary>
    /// <exception cref="InvalidDataException">It holds something else.</exception>
    /// <exception cref="OsException">It is no memory file of this size.</exception>
    public static OutputRing Open(Fd file)
    {
        var capacity = (int)Math.Clamp(FileStatusReader.Read(file).Size - DataStart, 0, int.MaxValue - DataStart);
        if (capacity < SmallestCapacity || !System.Numerics.BitOperations.IsPow2(capacity))
            throw new InvalidDataException("the memory file of a process has not the size of an output ring");
        var ring = new OutputRing(SharedMemory.Map(file, DataStart + capacity), capacity);
        if (ring.Number(0) == 0)
        {
            RandomBytes.Fill(ring._memory.Span.Slice(MarkerAt, MarkerSize));
            ring.StoreState(0, LogState.Empty);
            ring.Number(0) = Magic;
        }
        else if (ring.Number(0) != Magic || !ring.IsConsistent())
        {
            ring.Dispose();
            throw new InvalidDataException("the memory file of a process holds no output ring");
        }
        return ring;
    }

    /// <summary>Up to where there is output.</summary>
    public long Head
    {
        get => Volatile.Read(ref Number(HeadAt));
        private set => Volatile.Write(ref Number(HeadAt), value);
    }

    /// <summary>
    /// Takes up after a keeper that died: if it died between reading and saying so, what it read is found.
    /// </summary>
    /// <param name="source">Gives the descriptor of a stream.</param>
    public void Recover(Func<int, Fd?> source)
    {
        var (position, length, stream, time) = (Number(IntentAt), Number(IntentAt + 8), Number(IntentAt + 16), Number(IntentAt + 24));
        if (length <= 0 || length > MaximumRead || position != Head || stream is < 0 or > 1)
            return;
        var marked = (int)Math.Min(length, MarkerSize);
        Span<byte> start = stackalloc byte[MarkerSize];
        for (var i = 0; i < marked; i++)
            start[i] = Data[PlaceOf(position + ChunkHeader + i)];
        // The marker is gone, or there is less in the pipe than was there before: the read took place. (A process that guesses a short
        // marker, and writes more at just that moment, can lose those few bytes.)
        var overwritten = !start[..marked].SequenceEqual(_memory.Span.Slice(MarkerAt, marked));
        if (overwritten || source((int)stream) is not { } fd || StreamIo.Available(fd).Count < length)
            Publish(new OutputChunk(position, (int)length, (int)stream, time));
        else
            Number(IntentAt + 8) = 0;
    }

    /// <summary>Whether a read has room.</summary>
    /// <param name="oldest">The position of the slowest follower.</param>
    public bool HasRoom(long oldest) => Capacity - (Head - oldest) >= MinimumRead + ChunkHeader;

    /// <summary>Reads what is there, as far as there is room; call it only if there is.</summary>
    /// <param name="fd">What to read from, non-blocking.</param>
    /// <param name="stream">The stream's number.</param>
    /// <param name="oldest">The position of the slowest follower.</param>
    /// <param name="exact">Whether FIONREAD is exact (a pipe); a terminal may have more in the making, so only a read can tell its end.</param>
    /// <param name="hungUp">Whether a hang-up was seen on it.</param>
    /// <returns>The number of bytes (0: end of stream), and the error.</returns>
    public (int Count, Errno Error) ReadFrom(Fd fd, int stream, long oldest, bool exact, bool hungUp)
    {
        var head = Head;
        var room = (int)(Capacity - (head - oldest)) - ChunkHeader & ~15;
        var available = StreamIo.Available(fd).Count;
        if (available == 0 && exact)
            return (0, hungUp ? default : Errno.EAGAIN);
        var length = Math.Min(available > 0 ? available : MinimumRead, Math.Min(room, MaximumRead));
        var time = Clock.RealTimeNanoseconds;
        if (available > 0)
            Announce(head, length, stream, time);
        var place = Pieces(head + ChunkHeader, length);
        var (count, error) = StreamIo.Read(fd, place.First, place.Second);
        if (count > 0)
            Publish(new OutputChunk(head, count, stream, time));
        else
            Number(IntentAt + 8) = 0;
        return (count, error);
    }

    /// <summary>
    /// Whether what is at a position may have been written over. Only a follower that is not waited for finds that; it looks after it has taken something,
    /// and then throws that away.
    /// </summary>
    /// <param name="position">The position, before <see cref="Head"/>.</param>
    /// <param name="isWaitedFor">Whether the loop waits for the follower: then only what is published counts, not what is being read at this moment.</param>
    public bool IsOverwritten(long position, bool isWaitedFor)
    {
        Interlocked.MemoryBarrier();
        return Head - position > Capacity - (isWaitedFor ? 0 : MaximumRead + 2 * ChunkHeader);
    }

    /// <summary>The chunk at a position; the position is before <see cref="Head"/>.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public OutputChunk ChunkAt(long position) =>
        TryChunkAt(position) ?? throw new InvalidDataException($"no chunk of output at {position} of a ring");

    /// <summary>The chunk at a position, or null when what is there is none.</summary>
    public OutputChunk? TryChunkAt(long position)
    {
        var header = Data.Slice(PlaceOf(position), ChunkHeader);
        var length = MemoryMarshal.Read<int>(header);
        // The memory is shared: a number from it is never used as a length unchecked.
        return length is > 0 and <= MaximumRead
            ? new OutputChunk(position, length, MemoryMarshal.Read<int>(header[4..]) & 1, MemoryMarshal.Read<long>(header[8..]))
            : null;
    }

    /// <summary>The data of a chunk from an offset on.</summary>
    public RingPieces DataOf(OutputChunk chunk, int offset) => Pieces(chunk.Position + ChunkHeader + offset, chunk.Length - offset);

    /// <summary>What the log's thread has done. It survives the keeper.</summary>
    public LogState LoadState() => LoadState((int)Volatile.Read(ref Number(ActiveAt)));

    /// <summary>Replaces the log's state at one stroke: the new one is written beside the old, then one store makes it valid.</summary>
    public void CommitState(in LogState state)
    {
        var inactive = 1 - (int)Number(ActiveAt);
        StoreState(inactive, state);
        Volatile.Write(ref Number(ActiveAt), inactive);
    }

    /// <summary>Changes the file's size in the valid state: when it was opened, or another one begun.</summary>
    public void CommitFileSize(long size) =>
        Volatile.Write(ref Number(StateAt + (int)Number(ActiveAt) * 128 + LogState.FileSizeAt), size);

    /// <summary>The unfinished line of a stream as the valid state has it.</summary>
    public Span<byte> ValidCarry(int stream) => Carry((int)Number(ActiveAt), stream);

    /// <summary>The unfinished line of a stream as the next state will have it.</summary>
    public Span<byte> NextCarry(int stream) => Carry(1 - (int)Number(ActiveAt), stream);

    /// <summary>Gives touched memory back, if much was since the last time and everybody has read everything.</summary>
    public void DiscardWhenIdle(long oldest)
    {
        var head = Head;
        if (oldest != head || head - _discardedAt < 32 * 1024)
            return;
        _memory.Discard(DataStart, Capacity);
        _discardedAt = head;
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    private Span<byte> Data => _memory.Span.Slice(DataStart, Capacity);

    private void Announce(long position, int length, int stream, long time)
    {
        Number(IntentAt + 8) = 0;
        var place = Pieces(position + ChunkHeader, Math.Min(length, MarkerSize));
        var marker = _memory.Span.Slice(MarkerAt, MarkerSize);
        marker[..place.First.Length].CopyTo(place.First);
        marker.Slice(place.First.Length, place.Second.Length).CopyTo(place.Second);
        (Number(IntentAt), Number(IntentAt + 16), Number(IntentAt + 24)) = (position, stream, time);
        Volatile.Write(ref Number(IntentAt + 8), length);
    }

    private void Publish(OutputChunk chunk)
    {
        var header = Data.Slice(PlaceOf(chunk.Position), ChunkHeader);
        MemoryMarshal.Write(header, chunk.Length);
        MemoryMarshal.Write(header[4..], chunk.Stream);
        MemoryMarshal.Write(header[8..], chunk.Time);
        Head = chunk.Next;
    }

    private RingPieces Pieces(long position, int length)
    {
        var start = PlaceOf(position);
        var first = Math.Min(length, Capacity - start);
        return new RingPieces(Data.Slice(start, first), Data[..(length - first)]);
    }

    private Span<byte> Carry(int slot, int stream) => _memory.Span.Slice(CarryStart + (slot * 2 + stream) * MaximumLine, MaximumLine);

    private int PlaceOf(long position) => (int)(position & (Capacity - 1));

    private ref long Number(int at) => ref MemoryMarshal.AsRef<long>(_memory.Span.Slice(at, sizeof(long)));

    private LogState LoadState(int slot) => MemoryMarshal.Read<LogState>(_memory.Span[(StateAt + slot * 128)..]);

    private void StoreState(int slot, in LogState state) => MemoryMarshal.Write(_memory.Span[(StateAt + slot * 128)..], state);

    private bool IsConsistent()
    {
        if (Number(ActiveAt) is < 0 or > 1)
            return false;
        var (state, head) = (LoadState(), Head);
        return state.Position >= 0 && head >= state.Position && (head & 15) == 0 && (state.Position & 15) == 0
            && state.Offset is >= 0 and <= MaximumRead && state.CarryLength(0) is >= 0 and <= MaximumLine && state.CarryLength(1) is >= 0 and <= MaximumLine;
    }
}
