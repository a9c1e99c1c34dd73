using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;

namespace Gantry.Engine.Attach;

/// <summary>
/// Carries bytes between a client's connection and the keeper's socket for one process. The keeper frames the output; here it is only
/// moved. The end of what the client sends is passed on as a half close, while output goes on.
/// </summary>
/// <param name="keeper">This side's end of the socket whose other end the keeper has. Owned.</param>
/// <param name="keys">The sequence that detaches; null when there is none.</param>
internal sealed class StreamBridge(Socket keeper, DetachKeys? keys) : IDisposable
{
    private const int BufferSize = 64 * 1024;

    /// <summary>Runs until the process has ended and its output is delivered, the client is gone, or it detached.</summary>
    /// <returns>True when the client detached by its keys.</returns>
    public async Task<bool> RunAsync(IDuplexPipe client, CancellationToken cancellation)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var output = DeliverAsync(client.Output, end.Token);
        var input = ForwardAsync(client.Input, end.Token);
        try
        {
            var first = await Task.WhenAny(output, input);
            if (first == input && await input is InputEnd.Detached)
                return true;
            await output;
            return false;
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(output, input).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => keeper.Dispose();

    private enum InputEnd
    {
        Closed,
        Detached,
    }

    private async Task DeliverAsync(PipeWriter client, CancellationToken cancellation)
    {
        while (true)
        {
            var memory = client.GetMemory(BufferSize);
            int count;
            try
            {
                count = await keeper.ReceiveAsync(memory, SocketFlags.None, cancellation);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                return; // The keeper died or the client is gone: the stream ends here, the container does not.
            }

            if (count == 0)
                return;
            client.Advance(count);
            if ((await client.FlushAsync(cancellation)).IsCompleted)
                return;
        }
    }

    private async Task<InputEnd> ForwardAsync(PipeReader client, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var read = await client.ReadAsync(cancellation);
                var detached = await SendAsync(read.Buffer, cancellation);
                client.AdvanceTo(read.Buffer.End);
                if (detached)
                    return InputEnd.Detached;
                if (read.IsCompleted || read.IsCanceled)
                    break;
            }

            keeper.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Whichever side broke, the output side notices and ends the session.
        }

        return InputEnd.Closed;
    }

    private async Task<bool> SendAsync(ReadOnlySequence<byte> typed, CancellationToken cancellation)
    {
        if (keys is null)
        {
            foreach (var segment in typed)
                await SendAllAsync(segment, cancellation);
            return false;
        }

        var passed = new List<byte>((int)typed.Length);
        var detached = false;
        foreach (var segment in typed)
        {
            if (detached = keys.Filter(segment.Span, passed))
                break;
        }

        await SendAllAsync(passed.ToArray(), cancellation);
        return detached;
    }

    private async Task SendAllAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0)
            bytes = bytes[await keeper.SendAsync(bytes, SocketFlags.None, cancellation)..];
    }
}
