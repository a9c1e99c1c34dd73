using Gantry.Oci;

namespace Gantry.Engine.Attach;

/// <summary>The size of a terminal in characters, as ioctl_tty(2) takes it.</summary>
internal static class TerminalSize
{
    /// <summary>Rows and columns as the API gives them together; null when they are not given.</summary>
    public static (ushort Rows, ushort Columns)? OfPair(IReadOnlyList<int>? size) =>
        size is [> 0 and var rows, > 0 and var columns] ? (Bounded(rows), Bounded(columns)) : null;

    /// <exception cref="GantryException">Out of the range of the kernel's <c>struct winsize</c> (InvalidArgument).</exception>
    public static ushort Bounded(int size) => size is >= 0 and <= ushort.MaxValue
        ? (ushort)size
        : throw GantryException.Invalid($"invalid terminal size {size}: from 0 to {ushort.MaxValue}");
}
