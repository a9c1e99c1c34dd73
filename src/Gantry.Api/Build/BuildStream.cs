using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Api.Model;

namespace Gantry.Api.Build;

/// <summary>The messages of a build's stream, as the daemon reads and writes them. Several threads may write.</summary>
internal sealed class BuildStream(IDuplexPipe pipe)
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private SequencePosition? _consumed;

    /// <summary>The next message; null at the end. The bytes are valid until the next call.</summary>
    /// <exception cref="InvalidDataException">It is malformed.</exception>
    public async ValueTask<(BuildFrame Kind, ReadOnlySequence<byte> Payload)?> ReadAsync(CancellationToken cancellation)
    {
        Release();
        while (true)
        {
            var result = await pipe.Input.ReadAsync(cancellation);
            if (TryParse(result.Buffer, out var kind, out var payload))
            {
                _consumed = payload.End;
                return (kind, payload);
            }
            pipe.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled)
                return null;
        }
    }

    /// <summary>Writes a document.</summary>
    public Task WriteAsync<T>(BuildFrame kind, T document, JsonTypeInfo<T> type, CancellationToken cancellation) =>
        WriteAsync(kind, JsonSerializer.SerializeToUtf8Bytes(document, type), cancellation);

    /// <summary>Writes bytes.</summary>
    public async Task WriteAsync(BuildFrame kind, ReadOnlyMemory<byte> payload, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            BuildFrameHead.Write(pipe.Output.GetSpan(BuildFrameHead.Length), kind, payload.Length);
            pipe.Output.Advance(BuildFrameHead.Length);
            pipe.Output.Write(payload.Span);
            await pipe.Output.FlushAsync(cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Release()
    {
        if (_consumed is { } position)
            pipe.Input.AdvanceTo(position);
        _consumed = null;
    }

    private static bool TryParse(ReadOnlySequence<byte> buffer, out BuildFrame kind, out ReadOnlySequence<byte> payload)
    {
        (kind, payload) = (default, default);
        if (buffer.Length < BuildFrameHead.Length)
            return false;
        Span<byte> head = stackalloc byte[BuildFrameHead.Length];
        buffer.Slice(0, BuildFrameHead.Length).CopyTo(head);
        (kind, var length) = BuildFrameHead.Read(head);
        if (buffer.Length < BuildFrameHead.Length + length)
            return false;
        payload = buffer.Slice(BuildFrameHead.Length, length);
        return true;
    }
}
