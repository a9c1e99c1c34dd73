using System.Net.Sockets;
using Gantry.Os;
using Gantry.Os.Sockets;

namespace Gantry.Engine.Attach;

/// <summary>Makes the two ends of the stream between the daemon and the keeper for one attached client.</summary>
internal static class AttachSockets
{
    public static (Socket Own, Fd Keeper) CreatePair()
    {
        var (own, keeper) = UnixSocket.CreatePair();
        return (new Socket(new SafeSocketHandle(own.Release(), ownsHandle: true)), keeper);
    }
}
