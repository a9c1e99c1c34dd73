using Gantry.Oci.Images;

namespace Gantry.Images.Load;

/// <summary>An image that an archive holds.</summary>
/// <param name="Target">Its manifest, or the index that leads to it.</param>
/// <param name="Names">Its names; none when it has none.</param>
internal sealed record ArchiveImage(Descriptor Target, IReadOnlyList<ImageReference> Names);
