namespace Gantry.Storage.Snapshots.Overlay;

/// <summary>The directories of one overlay mount, absolute and short.</summary>
/// <param name="Lower">The layers, the topmost first.</param>
/// <param name="Upper">What is written to; null: read-only.</param>
/// <param name="Work">Overlayfs's own directory beside <paramref name="Upper"/>.</param>
internal sealed record OverlayLayout(IReadOnlyList<byte[]> Lower, byte[]? Upper, byte[]? Work)
{
    /// <summary>Overlayfs's limit (OVL_MAX_STACK).</summary>
    internal const int MaxLower = 500;
}
