using Gantry.Oci.Images;
using Gantry.Registry.Client.Errors;
using Gantry.Registry.Client.Transport;

namespace Gantry.Registry.Client.Pull;

/// <summary>
/// The bytes of a blob from an offset to its end, exactly as many as its descriptor says. When the connection breaks or stalls it is made
/// anew, at this or another endpoint, and goes on where it was. The content is not verified here.
/// </summary>
internal sealed class BlobStream(BlobFetcher source, BlobBody first, Descriptor blob, long offset, RetryPolicy retry) : ReadOnlyBody
{
    /// <summary>A server that sends a little and breaks off each time would be followed for ever otherwise.</summary>
    private const int MostResumptions = 1000;

    private BlobBody? _body = first;
    private EndpointSession _session = first.Session;
    private long _at = offset;
    private int _fruitless;
    private int _resumptions;
    private bool _ended;

    internal RegistrySubject Subject => source.SubjectOf(blob);

    /// <summary>Who sends it now.</summary>
    internal EndpointSession Session => _session;

    internal void Distrust() => _session.Distrust();

    public override long Length => blob.Size;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_at < blob.Size)
        {
            var count = await TryReadAsync(buffer[..(int)Math.Min(buffer.Length, blob.Size - _at)], cancellationToken);
            if (count == 0)
                continue;
            _at += count;
            _fruitless = 0;
            return count;
        }
        if (!_ended)
            await ExpectEndAsync(cancellationToken);
        return 0;
    }

    /// <summary>Reads, or makes a new connection and returns 0.</summary>
    private async ValueTask<int> TryReadAsync(Memory<byte> buffer, CancellationToken cancellation)
    {
        Exception failure;
        try
        {
            _body ??= await source.OpenAsync(blob, _at, cancellation);
            _session = _body.Session;
            var count = await _body.Content.ReadAsync(buffer, cancellation);
            if (count > 0)
                return count;
            failure = new EndOfStreamException("the body ended early");
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            failure = error;
        }
        _body?.Dispose();
        _body = null;
        _fruitless++;
        _resumptions++;
        var broken = RegistryException.BrokenOff(Subject,
            $"the connection to {_session.Endpoint.Authority} broke off at byte {_at} of {blob.Size}: {failure.Message}", failure);
        if (_resumptions > MostResumptions || retry.DelayAfter(_fruitless, null) is not { } delay)
            throw broken;
        await _session.PauseAsync(new RetryNotice(broken, _fruitless, delay), cancellation);
        return 0;
    }

    /// <summary>A body whose length was not announced may go on.</summary>
    private async ValueTask ExpectEndAsync(CancellationToken cancellation)
    {
        _ended = true;
        if (_body is not { Response.Length: null } body)
            return;
        var more = 0;
        try
        {
            more = await body.Content.ReadAsync(new byte[1], cancellation);
        }
        catch (Exception error) when (error is IOException or HttpRequestException)
        {
            // All that was wanted is there.
        }
        if (more > 0)
            throw RegistryException.Broken(Subject, $"the registry sent more than the {blob.Size} bytes that the manifest says");
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _body?.Dispose();
        base.Dispose(disposing);
    }
}
