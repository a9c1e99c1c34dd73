using System.Runtime.InteropServices;

namespace Gantry.Os.Sockets;

/// <summary><c>struct msghdr</c> of 64-bit Linux (recvmsg(2)).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MessageHeader
{
    internal byte* Name;
    internal nint NameLength;
    internal nint* Vectors;
    internal nint VectorCount;
    internal byte* Control;
    internal nint ControlLength;
    internal nint Flags;
}
