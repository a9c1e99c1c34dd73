using Gantry.BuildKit.Protobuf;
using Gantry.Oci.Images;

namespace Gantry.BuildKit.Messages;

/// <summary><c>containerd.services.content.v1.InfoRequest</c>.</summary>
internal sealed record ContentInfoRequest(Digest Digest) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer.Text(1, Digest.ToString());
}

/// <summary><c>containerd.services.content.v1.ReadContentRequest</c>: all of a blob.</summary>
internal sealed record ContentReadRequest(Digest Digest) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer.Text(1, Digest.ToString());
}

/// <summary><c>containerd.services.content.v1.ReadContentResponse</c>: a part of a blob.</summary>
internal static class ContentReadResponse
{
    /// <summary>The bytes of the part.</summary>
    public static byte[] DataOf(ReadOnlySpan<byte> message)
    {
        var reader = new ProtoReader(message);
        var data = Array.Empty<byte>();
        while (reader.Next())
        {
            if (reader.Field == 2)
                data = reader.Bytes().ToArray();
            else
                reader.Skip();
        }
        return data;
    }
}

/// <summary><c>containerd.services.content.v1.WriteContentRequest</c>.</summary>
internal sealed record ContentWriteRequest : IProtoMessage
{
    private const int WriteAction = 1;
    private const int CommitAction = 2;

    /// <summary>Whether the blob is whole with this part.</summary>
    public bool Commits { get; init; }

    /// <summary>What names the upload.</summary>
    public required string Ref { get; init; }

    /// <summary>The blob's length.</summary>
    public long Total { get; init; }

    /// <summary>The blob's digest.</summary>
    public required Digest Expected { get; init; }

    /// <summary>Where the part begins.</summary>
    public long Offset { get; init; }

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Data { get; init; }

    public void Write(ProtoWriter writer) => writer
        .Number(1, Commits ? CommitAction : WriteAction).Text(2, Ref).Number(3, Total).Text(4, Expected.ToString()).Number(5, Offset).Bytes(6, Data.Span);
}
