using System.Net;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.NetHelper;

/// <summary>What one container is called on one network.</summary>
public sealed record PublishedNames
{
    /// <summary>The network's ID.</summary>
    public required string Network { get; init; }

    /// <summary>The container's ID.</summary>
    public required string Container { get; init; }

    /// <summary>
    /// Its names: the first is what its addresses are called (PTR), then aliases and the short ID. Case does not matter. A name that several
    /// containers of a network have stands for the addresses of all of them, which take turns.
    /// </summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>Its addresses on the network, IPv4 and IPv6.</summary>
    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    /// <summary>Named ports, which SRV questions ask for (<c>_name._protocol.web</c>).</summary>
    public IReadOnlyList<NamedPort> Ports { get; init; } = [];

    internal void Write(MessageWriter writer)
    {
        writer.Text(Network).Text(Container).Int32(Names.Count);
        foreach (var name in Names)
            writer.Text(name);
        writer.Int32(Addresses.Count);
        foreach (var address in Addresses)
            writer.Text(address.ToString());
        writer.Int32(Ports.Count);
        foreach (var port in Ports)
            writer.Text(port.Name).Text(port.Protocol).Int32(port.Port);
    }

    internal static PublishedNames Read(ref MessageReader reader)
    {
        var (network, container) = (reader.Text(), reader.Text());
        var names = new string[NetHelperProtocol.Count(reader.Int32())];
        for (var i = 0; i < names.Length; i++)
            names[i] = reader.Text();
        var addresses = new IPAddress[NetHelperProtocol.Count(reader.Int32())];
        for (var i = 0; i < addresses.Length; i++)
            addresses[i] = NetHelperProtocol.Address(reader.Text());
        var ports = new NamedPort[NetHelperProtocol.Count(reader.Int32())];
        for (var i = 0; i < ports.Length; i++)
            ports[i] = new NamedPort(reader.Text(), reader.Text(), NetHelperProtocol.Port(reader.Int32()));
        return new PublishedNames { Network = network, Container = container, Names = names, Addresses = addresses, Ports = ports };
    }
}

/// <summary>A port with a name.</summary>
/// <param name="Name">The name, without the underscore.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
/// <param name="Port">The port.</param>
public sealed record NamedPort(string Name, string Protocol, ushort Port);
