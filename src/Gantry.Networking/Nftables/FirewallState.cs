using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Ports;

namespace Gantry.Networking.Nftables;

/// <summary>How a network's containers are reached from elsewhere, and how they reach it: <c>com.docker.network.bridge.gateway_mode_*</c>.</summary>
internal enum GatewayMode
{
    /// <summary>By the host's address: published ports alone.</summary>
    Nat,

    /// <summary>As with <see cref="Nat"/>, and by their own addresses, at all ports, by whoever knows the way.</summary>
    NatUnprotected,

    /// <summary>By their own addresses, without translation: published ports alone.</summary>
    Routed,

    /// <summary>Not at all, not even by the host, which has no address there.</summary>
    Isolated,
}

/// <summary>What the firewall has to know of a bridge network.</summary>
/// <param name="Bridge">The interface.</param>
/// <param name="IsInternal">Whether there is no way in or out.</param>
/// <param name="IsQuiet">Whether its containers do not reach each other, be it by what they publish.</param>
/// <param name="Subnets">Its subnets, at most one of each version of IP.</param>
/// <param name="TrustedLinks">Interfaces of the host from where containers are reached by their own addresses.</param>
internal sealed record FirewalledNetwork(
    string Bridge, bool IsInternal, bool IsQuiet, IReadOnlyList<FirewalledSubnet> Subnets, IReadOnlyList<string> TrustedLinks);

/// <summary>One subnet of a bridge network.</summary>
/// <param name="Subnet">Its addresses.</param>
/// <param name="Mode">How it is reached.</param>
/// <param name="Masquerade">Whether what leaves it looks as if sent by the host.</param>
/// <param name="SourceAddress">By which of the host's addresses; null: that of the interface it leaves by.</param>
internal sealed record FirewalledSubnet(IPNetwork Subnet, GatewayMode Mode, bool Masquerade, IPAddress? SourceAddress)
{
    internal AddressFamily Family => Subnet.BaseAddress.AddressFamily;
}

/// <summary>A published port, and where it leads.</summary>
/// <param name="Port">The port.</param>
/// <param name="Address">The container's address.</param>
/// <param name="IsRouted">Whether it is reached by the container's own address, and not by the host's.</param>
internal sealed record FirewalledPort(PublishedPort Port, IPAddress Address, bool IsRouted);

/// <summary>
/// A port that one container reaches of another on a network whose containers do not reach each other otherwise: docker's links, with IPv4 alone.
/// </summary>
/// <param name="From">The address of who connects.</param>
/// <param name="To">The address of whom it reaches.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Port">The port.</param>
public sealed record LinkedPort(IPAddress From, IPAddress To, PortProtocol Protocol, ushort Port);

/// <summary>Who reaches published ports that are not bound to an address of 127/8: the daemon's <c>publish-scope</c>.</summary>
public enum PublishScope
{
    /// <summary>All who reach the host: docker's way, and the default.</summary>
    World,

    /// <summary>The host, its containers, and machines with addresses of its own networks or of private ones.</summary>
    Lan,

    /// <summary>The host alone.</summary>
    Loopback,
}
