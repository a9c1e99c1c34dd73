using Gantry.Os;

namespace Gantry.Storage.Layers;

/// <summary>How a layer's deletions are kept on disk.</summary>
public enum WhiteoutForm
{
    /// <summary>As overlayfs has it: character devices 0:0 and <c>trusted.overlay.opaque</c>; the lower files stay where they are.</summary>
    Overlay,

    /// <summary>The target holds the lower files too, and they are deleted.</summary>
    Delete,

    /// <summary>There are none: a name that looks like one is a name like any other. For archives that are no layers.</summary>
    None,
}

/// <summary>Where a layer is applied.</summary>
/// <param name="Directory">The root that the layer's paths start at; owned.</param>
/// <param name="Lower">A view of the layers below when they are not in <paramref name="Directory"/>; null for none; owned.</param>
/// <param name="Whiteouts">What becomes of deletions.</param>
public sealed record LayerTarget(Fd Directory, Fd? Lower, WhiteoutForm Whiteouts) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        Directory.Dispose();
        Lower?.Dispose();
    }
}
