using System.Net;
using Gantry.Networking.Nftables;
using Gantry.Networking.Ports;

namespace Gantry.Networking.Why;

/// <summary>From where somebody wants to reach a container.</summary>
public enum Origin
{
    /// <summary>A program of the host.</summary>
    Host,

    /// <summary>Another container on the same network.</summary>
    SameNetwork,

    /// <summary>A container on another network of this engine.</summary>
    OtherNetwork,

    /// <summary>A machine with an address of the host's networks, or a private one.</summary>
    LocalMachine,

    /// <summary>Any other machine.</summary>
    RemoteMachine,
}

/// <summary>What decides besides this engine's own networks.</summary>
/// <param name="Scope">Who reaches published ports.</param>
/// <param name="LocalNetworks">The networks whose machines are <see cref="Origin.LocalMachine"/>.</param>
/// <param name="Others">Chains of others that drop what goes through the host.</param>
public sealed record FirewallFacts(PublishScope Scope, IReadOnlyList<IPNetwork> LocalNetworks, IReadOnlyList<DroppingChain> Others)
{
    /// <summary>Who is linked to whom.</summary>
    public IReadOnlyList<LinkedPort> Links { get; init; } = [];
}

/// <summary>A chain of another that drops what it does not know.</summary>
/// <param name="IsIPv4">Whether it is for IPv4; else for IPv6.</param>
/// <param name="Name">Its name, e.g. <c>ip filter FORWARD (policy drop)</c>.</param>
/// <param name="HasException">Whether our rule is there, which lets through what this engine does.</param>
public sealed record DroppingChain(bool IsIPv4, string Name, bool HasException);

/// <summary>One way to a container from one kind of place, whether it is open, and what decides.</summary>
/// <param name="From">From where.</param>
/// <param name="Network">The network's name.</param>
/// <param name="Address">The address that is connected to: the container's own, or the host's where <c>0.0.0.0</c> and <c>::</c> are all.</param>
/// <param name="Port">The port at that address; 0: all.</param>
/// <param name="Protocol">The protocol; null: all.</param>
/// <param name="IsOpen">Whether who connects reaches the container.</param>
/// <param name="Rule">The rule that decides, as <c>nft list table</c> shows it, or what does where no rule has to.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record Way(Origin From, string Network, string Address, ushort Port, PortProtocol? Protocol, bool IsOpen, string Rule, string Reason);
