using System.Text;
using Gantry.Oci;
using Gantry.Os;

namespace Gantry.Storage.Snapshots.Overlay;

/// <summary>Finds out by trying which way of mounting works on this kernel and this file system.</summary>
internal static class OverlayProbe
{
    /// <summary>The way to mount overlays on directories below <paramref name="root"/>.</summary>
    /// <exception cref="GantryException">None works; the message has the kernel's reasons.</exception>
    internal static Func<OverlayLayout, Fd> FindMounter(string root)
    {
        var folder = Path.Combine(root, ".probe");
        var layout = MakeDirectories(folder);
        try
        {
            if (Try(OverlayMounter.Mount, layout) is not { } error)
                return OverlayMounter.Mount;
            if (Try(OldOverlayMounter.Mount, layout) is not { } oldError)
                return OldOverlayMounter.Mount;
            throw new GantryException(
                ErrorKind.Unavailable, $"overlayfs does not work in {root}: {error.Message}; by mount(2): {oldError.Message}", error);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static OsException? Try(Func<OverlayLayout, Fd> mount, OverlayLayout layout)
    {
        try
        {
            mount(layout).Dispose();
            return null;
        }
        catch (OsException error)
        {
            return error;
        }
    }

    private static OverlayLayout MakeDirectories(string folder)
    {
        byte[] Make(string name) => Encoding.UTF8.GetBytes(Directory.CreateDirectory(Path.Combine(folder, name)).FullName);
        return new OverlayLayout([Make("lower1"), Make("lower2")], Make("upper"), Make("work"));
    }
}
