using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Gantry.Client.Http;

namespace Gantry.Client.Streams;

/// <summary>A response that is a sequence of JSON documents, one a line: progress and events.</summary>
public sealed class MessageReader : IDisposable
{
    private readonly HttpExchange _exchange;
    private byte[] _buffer = new byte[4096];
    private int _start;
    private int _end;

    internal MessageReader(HttpExchange exchange) => _exchange = exchange;

    /// <summary>Whether another document has arrived already.</summary>
    public bool HasNext => _buffer.AsSpan(_start, _end - _start).Contains((byte)'\n');

    /// <summary>The next document as bytes, valid until the next call; null at the end.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextLineAsync(CancellationToken cancellation = default)
    {
        var searched = 0;
        while (true)
        {
            var newline = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (newline >= 0)
            {
                var line = _buffer.AsMemory(_start, searched + newline);
                _start += searched + newline + 1;
                searched = 0;
                if (line.Span.ContainsAnyExcept(WhiteSpace))
                    return line;
                continue;
            }
            searched = _end - _start;
            MakeRoom();
            var read = await _exchange.Body.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
            if (read == 0)
            {
                var rest = _buffer.AsMemory(_start, _end - _start);
                _start = _end;
                // Spelled out: a plain null would turn into an empty Memory, by way of an array.
                return rest.Span.ContainsAnyExcept(WhiteSpace) ? rest : default(ReadOnlyMemory<byte>?);
            }
            _end += read;
        }
    }

    /// <summary>The next document; null at the end.</summary>
    /// <exception cref="IOException">A line is no such document.</exception>
    public async ValueTask<T?> NextAsync<T>(JsonTypeInfo<T> type, CancellationToken cancellation = default)
        where T : class
    {
        if (await NextLineAsync(cancellation).ConfigureAwait(false) is not { } line)
            return null;
        try
        {
            return JsonSerializer.Deserialize(line.Span, type);
        }
        catch (JsonException error)
        {
            throw new IOException($"the daemon sent a message that is not understood: {error.Message}", error);
        }
    }

    // Documents are separated by any of these, and some daemons end the stream with one.
    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n"u8;

    /// <inheritdoc/>
    public void Dispose() => _exchange.Dispose();

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }
        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, _buffer.Length * 2);
    }
}
