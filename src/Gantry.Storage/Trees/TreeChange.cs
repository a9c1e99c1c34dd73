using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Trees;

/// <summary>One step of a walk over what a tree changed relative to another. The descriptor is valid during the visit only.</summary>
/// <param name="Path">Its clean path; empty for the root.</param>
/// <param name="Directory">The directory it is in, open for reading; for the root itself.</param>
/// <param name="Name">Its name in there; <c>.</c> for the root.</param>
/// <param name="Kind">What happened to it.</param>
/// <param name="Status">What it is now; null when it was deleted.</param>
/// <param name="IsImplicit">A directory that is itself unchanged, and visited because something in it changed.</param>
/// <param name="IsOpaque">A directory of which nothing that was there before is to be seen.</param>
internal readonly record struct TreeChange(
    byte[] Path, Fd Directory, byte[] Name, PathChangeKind Kind, FileStatus? Status, bool IsImplicit = false, bool IsOpaque = false)
{
    internal static byte[] Join(byte[] directory, byte[] name) => directory.Length == 0 ? name : [.. directory, (byte)'/', .. name];
}
