using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Registry.Client;
using Gantry.Storage.Content;

namespace Gantry.Images.Pull;

/// <summary>
/// Brings layers from a registry into the store, some at a time. A layer that can be unpacked already, because what it stands on is there, is
/// unpacked from the bytes as they come; the others are unpacked from the store when their turn has come.
/// </summary>
/// <param name="content">Where they go.</param>
/// <param name="unpacker">Unpacks them.</param>
/// <param name="concurrency">How many transfers run at the same time, over all pulls.</param>
internal sealed class LayerFetcher(ContentStore content, ImageUnpacker unpacker, int concurrency)
{
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMilliseconds(100);
    private readonly SharedTransfers _transfers = new();
    private readonly SemaphoreSlim _slots = new(concurrency, concurrency);

    /// <summary>Makes sure that the archive of a layer is in the store, held by the lease.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="parent">The snapshot of the layers below it, there or not; null for the lowest.</param>
    /// <param name="repository">Where it comes from.</param>
    /// <param name="lease">Of the pull.</param>
    /// <param name="progress">Is told how it goes.</param>
    /// <param name="cancellation">Gives up.</param>
    internal async Task FetchAsync(
        ImageLayer layer, string? parent, RegistryRepository repository, ContentLease lease, Action<ImageProgress> progress, CancellationToken cancellation)
    {
        while (!lease.TryHold(layer.Blob.Digest))
            await _transfers.RunAsync(layer.Blob.Digest, progress, (report, stop) => TransferAsync(layer, parent, repository, report, stop), cancellation);
    }

    /// <summary>Removes what was begun of the layers of an image that turned out to be no good, unless another pull is at it.</summary>
    internal void Forget(Image image)
    {
        foreach (var layer in image.Layers)
            content.RemovePartial(layer.Blob.Digest);
    }

    private async Task TransferAsync(
        ImageLayer layer, string? parent, RegistryRepository repository, Action<ImageProgress> report, CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation);
        try
        {
            // What is there of an earlier try may have rotted on the disk, and a mirror may have sent something else: then all of it comes once more.
            while (!await TryTransferAsync(layer, parent, repository, report, cancellation))
            {
                // Each time with one endpoint less, or without the beginning.
            }
            report(Of(layer.Blob, "Verifying Checksum"));
            report(Of(layer.Blob, "Download complete"));
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>False when a transfer came to a bad end and another one may do better; what it brought is forgotten.</summary>
    private async Task<bool> TryTransferAsync(
        ImageLayer layer, string? parent, RegistryRepository repository, Action<ImageProgress> report, CancellationToken cancellation)
    {
        var blob = layer.Blob;
        using var own = content.Lease();
        var writer = own.Resume(blob.Digest, blob.Size, cancellation);
        var resumed = writer.Length > 0;
        var source = await OpenAsync(repository, blob, writer, cancellation);
        using var arriving = new ArrivingBlob(source, writer, Throttled(report, blob));
        // One that was begun earlier is unpacked from the store: its first bytes are not on their way any more.
        try
        {
            if (!resumed && unpacker.TryUnpackArriving(layer, parent, arriving, cancellation) is { } unpacking)
                await unpacking;
            else
                await arriving.CompleteAsync(cancellation);
            return true;
        }
        catch (GantryException error) when (error.Kind is not ErrorKind.Unavailable)
        {
            arriving.Discard();
            return resumed || repository.PassOver(source) ? false : throw repository.Failure(blob.Digest, error);
        }
    }

    private static async Task<Stream> OpenAsync(RegistryRepository repository, Descriptor blob, BlobWriter writer, CancellationToken cancellation)
    {
        try
        {
            return await repository.OpenBlobAsync(blob, writer.Length, cancellation);
        }
        catch
        {
            writer.Dispose();
            throw;
        }
    }

    private static Action<long> Throttled(Action<ImageProgress> report, Descriptor blob)
    {
        var last = 0L;
        return received =>
        {
            var now = Environment.TickCount64;
            if (now - last < ReportInterval.TotalMilliseconds)
                return;
            last = now;
            report(Of(blob, "Downloading") with { Current = received, Total = blob.Size });
        };
    }

    private static ImageProgress Of(Descriptor blob, string status) => new(null, status, blob.Digest.Short);
}
