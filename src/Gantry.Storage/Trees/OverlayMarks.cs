using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Storage.Trees;

/// <summary>How overlayfs keeps deletions on disk (Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories").</summary>
internal static class OverlayMarks
{
    /// <summary>
    /// Attributes that belong to overlayfs: neither taken from archives, where they could redirect to other directories, nor written to them.
    /// </summary>
    internal static bool IsOverlayAttribute(ReadOnlySpan<byte> attribute)
        => attribute.StartsWith("trusted.overlay."u8) || attribute.StartsWith("user.overlay."u8);

    internal static bool IsWhiteout(in FileStatus status) => status is { Kind: FileKind.CharacterDevice, Target: { Major: 0, Minor: 0 } };

    internal static bool IsOpaque(Fd directory)
        => ExtendedAttributes.TryGet(directory, "trusted.overlay.opaque"u8, out _) is [(byte)'y'];

    /// <summary>
    /// Whether the content is, at least in part, under another name in the layers below: mounts of ours never make that (they have <c>redirect_dir=off</c>),
    /// but an upper directory may be
    /// another engine's.
    /// </summary>
    internal static bool IsElsewhere(Fd directory, ReadOnlySpan<byte> name, in FileStatus status) =>
        status.IsDirectory ? ExtendedAttributes.TryGet(directory, name, "trusted.overlay.redirect"u8, out _) is not null
        : status is { IsRegular: true, Size: > 0, Blocks: 0 } && ExtendedAttributes.TryGet(directory, name, "trusted.overlay.metacopy"u8, out _) is not null;

    internal static void SetOpaque(Fd directory)
    {
        var error = ExtendedAttributes.TrySet(directory, "trusted.overlay.opaque"u8, "y"u8);
        if (error != default)
            throw new OsException("mark a directory opaque", error);
    }

    internal static Errno TryMakeWhiteout(Fd parent, ReadOnlySpan<byte> name)
        => FileNodes.TryMakeNode(parent, name, FileKind.CharacterDevice, 0, default);
}
