using System.Net;
using Gantry.Os;

namespace Gantry.Networking.Ports;

/// <summary>
/// A program that passes on what comes to a published port and what the kernel cannot translate: from ::1, and from IPv6 to a container that has
/// IPv4 only. It outlives the daemon.
/// </summary>
public interface IPortForwarder
{
    /// <summary>The keys of what is forwarded, also by order of an earlier daemon.</summary>
    IReadOnlyList<string> Keys { get; }

    /// <summary>Has a port forwarded from now on. Returns at once: who connects earlier waits in the socket. What fails is logged.</summary>
    /// <param name="key">A name for it.</param>
    /// <param name="socket">The socket: listening, or of datagrams. Stays the caller's.</param>
    /// <param name="isTcp">TCP; otherwise UDP.</param>
    /// <param name="local">Its address and port.</param>
    /// <param name="target">Where it goes.</param>
    void Begin(string key, Fd socket, bool isTcp, IPEndPoint local, IPEndPoint target);

    /// <summary>Ends it; then the port is free. A key that stands for nothing is passed over; what fails is logged.</summary>
    Task EndAsync(string key);
}
