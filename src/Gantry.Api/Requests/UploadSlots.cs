using Gantry.Oci;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Gantry.Api.Requests;

/// <summary>Bounds how many archives are received at once, and how long each may pause.</summary>
internal sealed class UploadSlots(int count, TimeSpan pause)
{
    private int _open;

    /// <summary>Takes the archive in the body of a request; to be disposed when it was read.</summary>
    /// <exception cref="GantryException">Too many are on their way (503).</exception>
    public ArchiveUpload Open(HttpContext http)
    {
        if (Interlocked.Increment(ref _open) > count)
        {
            Interlocked.Decrement(ref _open);
            throw new GantryException(ErrorKind.Unavailable, $"{count} archives are being received already: try again when one of them has arrived");
        }
        // The rate of an archive is its sender's matter: Kestrel would average over pauses in which a disk was slow.
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
        return new ArchiveUpload(http.Request.Body, pause, () => Interlocked.Decrement(ref _open));
    }
}
