using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Trees;

/// <summary>Copies owner, permissions and extended attributes from one file to another; times are left to the caller.</summary>
internal static class AttributeCopier
{
    /// <param name="from">Directory of the source.</param>
    /// <param name="fromName">Name of the source.</param>
    /// <param name="status">What is known of the source.</param>
    /// <param name="to">The file that gets them, open, not by O_PATH.</param>
    /// <exception cref="OsException">The kernel refused.</exception>
    internal static void Copy(Fd from, ReadOnlySpan<byte> fromName, in FileStatus status, Fd to)
    {
        Check(FileMetadata.TrySetOwner(to, [], status.UserId, status.GroupId), "set owner", fromName);
        Check(FileMetadata.TrySetPermissions(to, status.Permissions), "set permissions", fromName);
        foreach (var attribute in ExtendedAttributes.List(from, fromName))
            if (!OverlayMarks.IsOverlayAttribute(attribute) && ExtendedAttributes.TryGet(from, fromName, attribute, out _) is { } value)
                Check(ExtendedAttributes.TrySet(to, attribute, value), $"set attribute {KernelPath.ToText(attribute)}", fromName);
    }

    /// <summary>The same for what cannot be opened without effects: devices, FIFOs and symbolic links.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    internal static void CopyByName(Fd from, ReadOnlySpan<byte> fromName, in FileStatus status, Fd to, ReadOnlySpan<byte> toName)
    {
        Check(FileMetadata.TrySetOwner(to, toName, status.UserId, status.GroupId), "set owner", toName);
        if (!status.IsSymbolicLink)
            Check(FileMetadata.TrySetPermissions(to, toName, status.Permissions), "set permissions", toName);
        foreach (var attribute in ExtendedAttributes.List(from, fromName))
            if (!OverlayMarks.IsOverlayAttribute(attribute) && ExtendedAttributes.TryGet(from, fromName, attribute, out _) is { } value)
                Check(ExtendedAttributes.TrySet(to, toName, attribute, value), $"set attribute {KernelPath.ToText(attribute)}", toName);
    }

    private static void Check(Errno error, string verb, ReadOnlySpan<byte> name)
    {
        if (error != default)
            throw new OsException($"{verb} of {KernelPath.ToText(name)}", error);
    }
}
