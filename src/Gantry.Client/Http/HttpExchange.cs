namespace Gantry.Client.Http;

/// <summary>A response whose body is still to be read. Disposing it hands the connection back for the next request, or closes it.</summary>
public sealed class HttpExchange : IDisposable
{
    private readonly Action<HttpConnection> _release;
    private bool _disposed;

    internal HttpExchange(HttpConnection connection, ResponseHead head, BodyStream body, Action<HttpConnection> release)
    {
        Connection = connection;
        Head = head;
        Body = body;
        _release = release;
    }

    /// <summary>Status and header fields.</summary>
    public ResponseHead Head { get; }

    /// <summary>The body.</summary>
    public BodyStream Body { get; }

    internal HttpConnection Connection { get; }

    /// <summary>Reads the whole body.</summary>
    public async ValueTask<byte[]> ReadAllAsync(CancellationToken cancellation)
    {
        var buffer = new byte[Body is LengthBodyStream { Left: < int.MaxValue } known ? known.Left : 4096];
        var length = 0;
        while (!Body.Completed)
        {
            if (length == buffer.Length)
                Array.Resize(ref buffer, Math.Max(4096, buffer.Length * 2));
            var read = await Body.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            if (read == 0)
                break;
            length += read;
        }
        return length == buffer.Length ? buffer : buffer[..length];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        if (Body.Completed && HttpConnection.CanContinue(Head))
            _release(Connection);
        else
            Connection.Dispose();
    }
}
