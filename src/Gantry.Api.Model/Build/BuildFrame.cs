using System.Buffers.Binary;

namespace Gantry.Api.Model;

/// <summary>What a message of a build's stream is. The stream is Gantry's own: <c>POST /gantry/build</c>, upgraded.</summary>
public enum BuildFrame : byte
{
    /// <summary>From the client, first: <see cref="BuildSessionRequest"/>.</summary>
    Request = 1,

    /// <summary>From the client: entries of a context, as <see cref="ContextEntries"/> has them, the number of the context before them.</summary>
    Entries = 2,

    /// <summary>From the client: all entries of all contexts were sent.</summary>
    EntriesEnd = 3,

    /// <summary>From the client: content of a file: context (4 bytes), entry (4), whether it is the last part (1), bytes.</summary>
    Content = 4,

    /// <summary>
    /// From the client: the whole content of a file, of which a descriptor was sent on <see cref="BuildSessionRequest.DescriptorSocket"/> before: context (4
    /// bytes), entry (4).
    /// </summary>
    ContentFile = 5,

    /// <summary>To the client: the files whose content is not here: context (4 bytes), entry (4), again and again. Empty: none is needed any more.</summary>
    Need = 10,

    /// <summary>To the client: progress, a document of BuildKit's <c>SolveStatus</c>.</summary>
    Status = 11,

    /// <summary>To the client, last: <see cref="BuildSessionResult"/>.</summary>
    Result = 12,

    /// <summary>To the client, last: <see cref="BuildSessionError"/>.</summary>
    Error = 13,

    /// <summary>To the client: a part of an output: its number (4 bytes), bytes. No bytes: it is whole.</summary>
    Output = 14,

    /// <summary>To the client: the daemon is connected to <see cref="BuildSessionRequest.DescriptorSocket"/>.</summary>
    TakesDescriptors = 15,
}

/// <summary>Heads of messages: the length of what follows in 4 bytes, little endian, and the kind.</summary>
public static class BuildFrameHead
{
    /// <summary>The length of a head.</summary>
    public const int Length = 5;

    /// <summary>The most bytes that a message has.</summary>
    public const int MostBytes = 16 << 20;

    /// <summary>Writes one.</summary>
    public static void Write(Span<byte> head, BuildFrame kind, int length)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head, length);
        head[4] = (byte)kind;
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="InvalidDataException">The length cannot be.</exception>
    public static (BuildFrame Kind, int Length) Read(ReadOnlySpan<byte> head)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        return length is >= 0 and <= MostBytes ? ((BuildFrame)head[4], length) : throw new InvalidDataException($"a message of {length} bytes");
    }
}
