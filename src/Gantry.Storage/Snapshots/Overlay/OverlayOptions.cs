namespace Gantry.Storage.Snapshots.Overlay;

/// <summary>The options that every overlay mount gets, whatever the kernel was built to do by default.</summary>
internal static class OverlayOptions
{
    /// <summary>
    /// With redirects or metacopy, an upper directory could not be packed as a layer: renamed directories and changed files would refer to
    /// what lies below instead of holding it. An index would bind an upper directory to the very layers it was first mounted with.
    /// </summary>
    internal static IReadOnlyList<(string Option, string Value)> Fixed { get; } = [("redirect_dir", "off"), ("metacopy", "off"), ("index", "off")];
}
