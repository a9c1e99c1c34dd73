using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Cache.Exchange;

/// <summary>Where a cache comes from: a repository of a registry, a folder of the client, an image.</summary>
public interface ICacheSource
{
    /// <summary>What progress calls it.</summary>
    string Name { get; }

    /// <summary>What its name means now: a manifest or an index, verified where a digest is known.</summary>
    /// <exception cref="GantryException">There is none.</exception>
    Task<CacheDocumentBytes> ReadRootAsync(CancellationToken cancellation);

    /// <summary>Opens a manifest or a blob; whoever reads it verifies it.</summary>
    /// <exception cref="GantryException">It is not there.</exception>
    Task<Stream> OpenAsync(Descriptor blob, CancellationToken cancellation);
}

/// <summary>Where a cache goes. Several threads write blobs.</summary>
public interface ICacheTarget
{
    /// <summary>What progress calls it, e.g. <c>registry</c>.</summary>
    string Name { get; }

    /// <summary>Whether a blob is there already.</summary>
    Task<bool> ContainsAsync(Descriptor blob, CancellationToken cancellation);

    /// <summary>Writes a blob.</summary>
    /// <param name="blob">Its digest and length.</param>
    /// <param name="open">Opens its content, as often as it has to be sent.</param>
    /// <param name="cancellation">Stops it.</param>
    Task WriteAsync(Descriptor blob, Func<Stream> open, CancellationToken cancellation);

    /// <summary>Writes the manifest or index, when all that it names is there, and gives it its name.</summary>
    Task FinishAsync(Descriptor root, ReadOnlyMemory<byte> bytes, CancellationToken cancellation);
}

/// <summary>A document and what it is.</summary>
/// <param name="MediaType">Its type.</param>
/// <param name="Bytes">The document.</param>
public sealed record CacheDocumentBytes(string MediaType, ReadOnlyMemory<byte> Bytes);
