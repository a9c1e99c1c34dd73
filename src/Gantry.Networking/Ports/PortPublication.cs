namespace Gantry.Networking.Ports;

/// <summary>The protocols whose ports can be published.</summary>
public enum PortProtocol
{
    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>SCTP.</summary>
    Sctp = 132,
}

/// <summary>A port of a container that is to be reached from outside.</summary>
/// <param name="ContainerPort">The container's port.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="HostAddress">The host's address, e.g. <c>127.0.0.1</c>; <c>0.0.0.0</c> or <c>::</c>: all of that version; empty: what the network says, else
/// all of both.</param>
/// <param name="FirstHostPort">The host's port, or the first of those to choose from; 0: any.</param>
/// <param name="LastHostPort">The last to choose from; the same as the first for a certain one.</param>
public sealed record PortRequest(ushort ContainerPort, PortProtocol Protocol, string HostAddress, ushort FirstHostPort, ushort LastHostPort);

/// <summary>A port of a container that is reached from outside.</summary>
/// <param name="ContainerPort">The container's port.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="HostAddress">The host's address; <c>0.0.0.0</c> or <c>::</c>: all of that version.</param>
/// <param name="HostPort">The host's port; 0: none, it is reached by the container's own address (gateway mode <c>routed</c>).</param>
public sealed record PublishedPort(ushort ContainerPort, PortProtocol Protocol, string HostAddress, ushort HostPort);
