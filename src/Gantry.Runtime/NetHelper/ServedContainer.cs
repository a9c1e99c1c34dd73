using System.Net;
using Gantry.Runtime.Keeper.Protocol;

namespace Gantry.Runtime.NetHelper;

/// <summary>A container that asks 127.0.0.11 for names, and what it gets to see.</summary>
public sealed record ServedContainer
{
    /// <summary>The container's ID, unique in the helper.</summary>
    public required string Id { get; init; }

    /// <summary>The networks it is on, in the order in which names are looked up.</summary>
    public required IReadOnlyList<ServedNetwork> Networks { get; init; }

    /// <summary>
    /// Who is asked for names that no network of its has, in the order in which they are asked; empty: nobody, such names do not resolve
    /// (SERVFAIL), as for a container that is on internal networks alone.
    /// </summary>
    public IReadOnlyList<UpstreamServer> Servers { get; init; } = [];

    /// <summary>
    /// Whether the user gave <c>ndots</c> as an option (<c>--dns-opt ndots:N</c>): then a name without a dot that no network has is not asked of
    /// others but answered with nothing, so that the container's resolver goes on with the search list (docker's rule).
    /// </summary>
    public bool HasNdots { get; init; }

    internal void Write(MessageWriter writer)
    {
        writer.Text(Id).Byte(HasNdots ? (byte)1 : (byte)0).Int32(Networks.Count);
        foreach (var network in Networks)
            network.Write(writer);
        writer.Int32(Servers.Count);
        foreach (var server in Servers)
            writer.Text(server.Address.ToString()).Int32(server.Port).Byte(server.FromHost ? (byte)1 : (byte)0);
    }

    internal static ServedContainer Read(ref MessageReader reader)
    {
        var (id, hasNdots) = (reader.Text(), reader.Byte() != 0);
        var networks = new ServedNetwork[NetHelperProtocol.Count(reader.Int32())];
        for (var i = 0; i < networks.Length; i++)
            networks[i] = ServedNetwork.Read(ref reader);
        var servers = new UpstreamServer[NetHelperProtocol.Count(reader.Int32())];
        for (var i = 0; i < servers.Length; i++)
            servers[i] = new UpstreamServer(NetHelperProtocol.Address(reader.Text()), NetHelperProtocol.Port(reader.Int32()), reader.Byte() != 0);
        return new ServedContainer { Id = id, Networks = networks, Servers = servers, HasNdots = hasNdots };
    }
}

/// <summary>A network that a container is on.</summary>
/// <param name="Id">The network's ID, as in <see cref="PublishedNames.Network"/>.</param>
/// <param name="Name">Its name: <c>web.mynet</c> is <c>web</c> on <c>mynet</c>, and an address is told with it.</param>
public sealed record ServedNetwork(string Id, string Name)
{
    /// <summary>Names that this container alone sees on this network (<c>--link</c>): each stands for another name on it.</summary>
    public IReadOnlyDictionary<string, string> Links { get; init; } = new Dictionary<string, string>();

    internal void Write(MessageWriter writer)
    {
        writer.Text(Id).Text(Name).Int32(Links.Count);
        foreach (var (alias, name) in Links)
            writer.Text(alias).Text(name);
    }

    internal static ServedNetwork Read(ref MessageReader reader)
    {
        var (id, name, count) = (reader.Text(), reader.Text(), NetHelperProtocol.Count(reader.Int32()));
        var links = new Dictionary<string, string>(count);
        for (var i = 0; i < count; i++)
            links[reader.Text()] = reader.Text();
        return new ServedNetwork(id, name) { Links = links };
    }
}

/// <summary>A server that is asked for names outside.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Port">Its port, usually 53.</param>
/// <param name="FromHost">
/// Whether it is asked from the host's network namespace, as those of the host's own /etc/resolv.conf are, also on its loopback interface; otherwise
/// from the container's (those of <c>--dns</c>).
/// </param>
public sealed record UpstreamServer(IPAddress Address, ushort Port, bool FromHost);
