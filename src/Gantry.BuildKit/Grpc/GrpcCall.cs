using System.Buffers;
using System.Buffers.Binary;
using Gantry.BuildKit.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Gantry.BuildKit.Grpc;

/// <summary>Answers one method of a service.</summary>
internal delegate Task GrpcMethod(GrpcCall call);

/// <summary>One call of gRPC, as who answers it sees it. Several threads may write.</summary>
/// <param name="http">The HTTP/2 stream that carries it.</param>
internal sealed class GrpcCall(HttpContext http)
{
    private readonly FrameReader _reader = new(http.Request.Body);
    private readonly SemaphoreSlim _turn = new(1, 1);

    /// <summary>Cancelled when the caller gives it up.</summary>
    public CancellationToken Aborted => http.RequestAborted;

    /// <summary>A value that came with the call; empty: none.</summary>
    public string Metadata(string name) => http.Request.Headers[name].ToString();

    /// <summary>The values of a name that came with the call.</summary>
    public IReadOnlyList<string> MetadataValues(string name) => [.. http.Request.Headers[name].Select(value => value ?? "")];

    /// <summary>The next message of the caller, valid until the next call; null: it sends no more.</summary>
    public ValueTask<ReadOnlyMemory<byte>?> ReadAsync() => _reader.ReadAsync(Aborted);

    /// <summary>The only message of the caller.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadOneAsync() => await ReadAsync() ?? throw new InvalidDataException("the call has no message");

    /// <summary>Answers a call that is of one message in each direction.</summary>
    public async Task AnswerAsync(IProtoMessage message)
    {
        await ReadOneAsync();
        await WriteAsync(message);
    }

    /// <summary>Sends a message.</summary>
    public Task WriteAsync(IProtoMessage message) => WriteAsync(ProtoWriter.Encode(message));

    /// <summary>Sends a message.</summary>
    public async Task WriteAsync(ReadOnlyMemory<byte> message)
    {
        await _turn.WaitAsync(Aborted);
        try
        {
            if (!http.Response.HasStarted)
                http.Response.ContentType = "application/grpc";
            var output = http.Response.BodyWriter;
            var head = output.GetSpan(FrameReader.HeadLength);
            head[0] = 0;
            BinaryPrimitives.WriteUInt32BigEndian(head[1..], (uint)message.Length);
            output.Advance(FrameReader.HeadLength);
            // Not WriteAsync: that does not send what is before an empty message.
            output.Write(message.Span);
            await output.FlushAsync(Aborted);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Lets the caller know that the call has begun, before there is anything to say.</summary>
    public async Task BeginAsync()
    {
        http.Response.ContentType = "application/grpc";
        await http.Response.BodyWriter.FlushAsync(Aborted);
    }
}
