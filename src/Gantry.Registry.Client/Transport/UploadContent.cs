using System.Buffers;
using System.Net;

namespace Gantry.Registry.Client.Transport;

/// <summary>A request's body that comes from a stream, opened when it is needed.</summary>
/// <param name="open">Opens the content.</param>
/// <param name="length">Its length in bytes.</param>
/// <param name="sent">Told how many bytes have been sent, or null.</param>
internal sealed class UploadContent(Func<CancellationToken, ValueTask<Stream>> open, long length, Action<long>? sent) : HttpContent
{
    private const int BufferSize = 128 << 10;

    /// <summary>Called whenever the connection took something.</summary>
    internal Action? Progressed { get; set; }

    /// <summary>Why the content could not be read, when it was not the network's fault.</summary>
    internal Exception? SourceFailure { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using var content = await FromSourceAsync(open(cancellationToken));
            for (var at = 0L; at < length;)
            {
                var count = await FromSourceAsync(
                    content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - at)), cancellationToken));
                if (count == 0)
                    throw SourceFailure = new InvalidDataException($"what is to be uploaded ended after {at} of {length} bytes");
                await stream.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                at += count;
                Progressed?.Invoke();
                sent?.Invoke(at);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    protected override bool TryComputeLength(out long computed)
    {
        computed = length;
        return true;
    }

    private async ValueTask<T> FromSourceAsync<T>(ValueTask<T> reading)
    {
        try
        {
            return await reading;
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            SourceFailure = error;
            throw;
        }
    }
}
