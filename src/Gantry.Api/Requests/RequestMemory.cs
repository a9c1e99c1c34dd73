using System.Globalization;
using Gantry.Api.Hosting;
using Gantry.Oci;

namespace Gantry.Api.Requests;

/// <summary>
/// Bounds what all requests together hold of the daemon's memory: bodies, what they are read into, and answers that are not taken yet. Without it a few
/// clients could take all that the daemon has, and so end it for everybody; with it, who comes when there is no room is told so, and can try again.
/// </summary>
/// <param name="most">How many bytes they may hold.</param>
internal sealed class RequestMemory(long most)
{
    private long _held;

    /// <summary>Takes some.</summary>
    /// <exception cref="GantryException">There is not so much (503).</exception>
    public void Take(long bytes)
    {
        var held = Interlocked.Add(ref _held, bytes);
        if (held <= most) return;
        Interlocked.Add(ref _held, -bytes);
        throw new GantryException(ErrorKind.Unavailable, string.Create(
            CultureInfo.InvariantCulture,
            $"not enough memory for this request: it needs {MiB(bytes)} MiB, and other requests hold {MiB(held - bytes)} of the {MiB(most)} MiB that the daemon has for all of them: try again later"));
    }

    /// <summary>Gives back what was taken.</summary>
    public void GiveBack(long bytes) => Interlocked.Add(ref _held, -bytes);

    private static long MiB(long bytes) => (bytes + (1 << 20) - 1) >> 20;
}

/// <summary>What one request holds of it.</summary>
internal sealed class MemoryShare(RequestMemory memory) : IDisposable
{
    private long _held;

    /// <summary>Takes more.</summary>
    /// <exception cref="GantryException">There is not so much (503).</exception>
    public void Take(long bytes)
    {
        memory.Take(bytes);
        _held += bytes;
    }

    /// <summary>Gives all of it back: the request has its answer.</summary>
    public void Dispose()
    {
        memory.GiveBack(_held);
        _held = 0;
    }
}

/// <summary>What all requests share.</summary>
/// <param name="Limits">What one may take.</param>
internal sealed record RequestResources(ApiLimits Limits)
{
    /// <summary>Memory.</summary>
    public RequestMemory Memory { get; } = new(Limits.Memory);

    /// <summary>Archives that are being received.</summary>
    public UploadSlots Uploads { get; } = new(Limits.Uploads, Limits.UploadPause);
}
