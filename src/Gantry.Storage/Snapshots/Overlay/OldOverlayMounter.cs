using System.Text;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Mounts;

namespace Gantry.Storage.Snapshots.Overlay;

/// <summary>
/// Builds an overlay mount on kernels without <c>lowerdir+</c> (before 6.8): all layers are one option of mount(2), whose options fit a
/// page. In a mount namespace of its own, a tmpfs with a short symbolic link to each layer makes them fit; a clone of the mount is taken
/// out as a descriptor.
/// </summary>
internal static class OldOverlayMounter
{
    /// <exception cref="OsException">The kernel refused.</exception>
    internal static Fd Mount(OverlayLayout layout) => PrivateMounts.Run(() => MountHere(layout));

    private static Fd MountHere(OverlayLayout layout)
    {
        // Any directory serves that no layer lies below: nobody else sees what is mounted there.
        const string scratch = "/dev";
        PrivateMounts.Mount("tmpfs", scratch);
        PrivateMounts.ChangeDirectory(scratch);
        var options = new StringBuilder("lowerdir=");
        for (var i = 0; i < layout.Lower.Count; i++)
            options.Append(i > 0 ? ":" : "").Append(Link(layout.Lower[i], i.ToString()));
        if (layout.Upper is not null)
            options.Append($",upperdir={Link(layout.Upper, "u")},workdir={Link(layout.Work!, "w")}");
        foreach (var (option, value) in OverlayOptions.Fixed)
            options.Append($",{option}={value}");
        FileNodes.MakeDirectory(null, "m"u8, 0x1c0 /* 0700 */);
        PrivateMounts.Mount("overlay", "m", options.ToString());
        var mount = DetachedMount.Clone(null, "m"u8);
        if (layout.Upper is null)
            DetachedMount.SetAttributes(mount, MountAttributes.ReadOnly);
        return mount;
    }

    private static string Link(byte[] directory, string name)
    {
        FileNodes.MakeSymbolicLink(RealPath(directory), null, Encoding.ASCII.GetBytes(name));
        return name;
    }

    // A path through /proc/self/fd leads into the mount namespace that the descriptor was opened in, from where overlayfs takes no layer.
    private static byte[] RealPath(byte[] path)
    {
        var prefix = "/proc/self/fd/"u8;
        if (!path.AsSpan().StartsWith(prefix))
            return path;
        var end = prefix.Length + path.AsSpan(prefix.Length).IndexOf((byte)'/');
        var folder = FileNodes.TryReadLink(null, path.AsSpan(0, end), out var error) ?? throw new OsException("find a layer's folder", error);
        return [.. folder, .. path.AsSpan(end)];
    }
}
