using System.Text;
using Gantry.Os;
using Gantry.Os.Mounts;

namespace Gantry.Storage.Snapshots.Overlay;

/// <summary>Builds an overlay mount with fsopen(2): 0.3 ms, attached nowhere. Layers are added one by one (<c>lowerdir+</c>, Linux 6.8).</summary>
internal static class OverlayMounter
{
    /// <exception cref="OsException">The kernel refused.</exception>
    internal static Fd Mount(OverlayLayout layout)
    {
        using var overlay = FileSystemContext.Open("overlay");
        overlay.Set("source", "overlay"u8);
        foreach (var lower in layout.Lower)
            overlay.Set("lowerdir+", lower);
        if (layout.Upper is not null)
        {
            overlay.Set("upperdir", layout.Upper);
            overlay.Set("workdir", layout.Work);
        }
        foreach (var (option, value) in OverlayOptions.Fixed)
            overlay.Set(option, Encoding.ASCII.GetBytes(value));
        return overlay.Mount(layout.Upper is null ? MountAttributes.ReadOnly : MountAttributes.None);
    }
}
