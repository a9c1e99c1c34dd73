using Gantry.Oci;

namespace Gantry.Engine.Attach;

/// <summary>The size of a terminal in characters, as ioctl_tty(2) takes it.</summary>
internal static class TerminalSize
{
    /// <exception cref="GantryException">Out of the range of the kernel's <c>struct winsize</c> (InvalidArgument).</exception>
    public static ushort Bounded(int size) => size is >= 0 and <= ushort.MaxValue
        ? (ushort)size
        : throw GantryException.Invalid($"invalid terminal size {size}: from 0 to {ushort.MaxValue}");
}
