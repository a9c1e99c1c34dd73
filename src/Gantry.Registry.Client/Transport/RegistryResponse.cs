using System.Globalization;
using System.Net;
using Gantry.Registry.Client.Errors;

namespace Gantry.Registry.Client.Transport;

/// <summary>The answer to a request, its body not read yet.</summary>
internal sealed class RegistryResponse : IDisposable
{
    private readonly TimeSpan _stallTimeout;

    internal RegistryResponse(HttpResponseMessage message, Uri address, TimeSpan stallTimeout)
        => (Message, Address, _stallTimeout) = (message, address, stallTimeout);

    internal HttpResponseMessage Message { get; }

    /// <summary>Where the answer came from in the end, after redirects.</summary>
    internal Uri Address { get; }

    internal HttpStatusCode Status => Message.StatusCode;

    internal bool IsSuccess => Message.IsSuccessStatusCode;

    /// <summary>What the body's length is said to be, in bytes, or null.</summary>
    internal long? Length => Message.Content.Headers.ContentLength;

    internal string? ContentType => Message.Content.Headers.TryGetValues("Content-Type", out var values)
        ? values.First().Split(';')[0].Trim().ToLowerInvariant()
        : null;

    internal string? Header(string name) => Message.Headers.TryGetValues(name, out var values) ? values.First() : null;

    /// <summary>The absolute address in Location, or null.</summary>
    internal Uri? Location =>
        Header("Location") is { } text && Uri.TryCreate(Address, text, out var uri) && uri.Scheme is "http" or "https" ? uri : null;

    /// <summary>What Retry-After asks for; null when there is none.</summary>
    internal TimeSpan? RetryAfter(DateTimeOffset now)
    {
        if (Header("Retry-After") is not { } text)
            return null;
        if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            return TimeSpan.FromSeconds(Math.Min(seconds, 1_000_000));
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) && date > now
            ? date - now : TimeSpan.Zero;
    }

    internal async Task<Stream> OpenBodyAsync(CancellationToken cancellation) =>
        new StallGuard(await Message.Content.ReadAsStreamAsync(cancellation), _stallTimeout);

    /// <summary>Reads the whole body when it has at most <paramref name="limit"/> bytes; null when it has more.</summary>
    internal async Task<byte[]?> ReadBodyAsync(int limit, CancellationToken cancellation)
    {
        if (Length > limit)
            return null;
        await using var body = await OpenBodyAsync(cancellation);
        using var bytes = new MemoryStream((int)(Length ?? 4096));
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(32 << 10);
        try
        {
            int count;
            while ((count = await body.ReadAsync(buffer, cancellation)) > 0)
            {
                if (bytes.Length + count > limit)
                    return null;
                bytes.Write(buffer, 0, count);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
        return bytes.ToArray();
    }

    /// <summary>What the registry says about its failure: the beginning of the body, if it can be understood.</summary>
    internal async Task<IReadOnlyList<RegistryError>> ReadErrorsAsync(CancellationToken cancellation)
    {
        const int longest = 64 << 10;
        try
        {
            return await ReadBodyAsync(longest, cancellation) is { Length: > 0 } body ? ErrorDocument.Read(body) : [];
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // The status says enough.
            return [];
        }
    }

    public void Dispose() => Message.Dispose();
}
