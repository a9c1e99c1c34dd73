using System.Net;
using Gantry.Os;
using Gantry.Os.Netlink.Nftables;
using Gantry.Os.Sockets;

namespace Gantry.Runtime.NetHelper;

/// <summary>
/// The sockets through which a container's names are served, in its network namespace: at 127.0.0.11, on a port chosen at random, to which packets
/// for port 53 of that address are directed, so that the container's own server may have port 53 of all addresses.
/// </summary>
/// <param name="Datagrams">The socket of UDP.</param>
/// <param name="Listener">The socket of TCP.</param>
/// <param name="NetworkNamespace">The namespace: servers of the container's own are asked from it.</param>
public sealed record ResolverSockets(Fd Datagrams, Fd Listener, Fd NetworkNamespace) : IDisposable
{
    /// <summary>The address at which a container finds its resolver.</summary>
    public static IPAddress Address { get; } = new([127, 0, 0, 11]);

    private const string Table = "gantry-dns";
    private const ushort DnsPort = 53;
    private const byte Tcp = 6, Udp = 17;

    /// <summary>
    /// Makes the sockets and the rules in a namespace. The loopback interface need not be up yet. What an earlier call made there is replaced.
    /// </summary>
    /// <param name="networkNamespace">The namespace; stays the caller's.</param>
    /// <param name="home">
    /// The namespace of the calling thread, which is lent to the other one for a moment: a thread of its own would cost more than all that is done there.
    /// </param>
    /// <exception cref="OsException">The namespace cannot be entered, or the kernel has no nf_tables.</exception>
    public static ResolverSockets Open(Fd networkNamespace, Fd home) =>
        Os.Namespaces.NetworkNamespace.RunHere(networkNamespace, home, () => OpenHere(networkNamespace));

    /// <summary>Closes the sockets.</summary>
    public void Dispose()
    {
        Datagrams.Dispose();
        Listener.Dispose();
        NetworkNamespace.Dispose();
    }

    private static ResolverSockets OpenHere(Fd networkNamespace)
    {
        const int backlog = 64;
        var datagrams = InternetSocket.OpenDatagram(new IPEndPoint(Address, 0), mayBeMissing: true);
        Fd? listener = null;
        try
        {
            listener = InternetSocket.Listen(new IPEndPoint(Address, 0), backlog, mayBeMissing: true);
            Direct(InternetSocket.LocalPort(datagrams), InternetSocket.LocalPort(listener));
            return new ResolverSockets(datagrams, listener, networkNamespace.Duplicate());
        }
        catch
        {
            datagrams.Dispose();
            listener?.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Rewrites ports, instead of having the kernel translate: that needs no connection tracking, which would cost more to switch on in a namespace
    /// than all else here, and at each packet. What goes to the resolver is rewritten last (300), what comes from it first (-300): rules of the
    /// container's own, and its connection tracking if it has some, see port 53 in both directions.
    /// </summary>
    private static void Direct(ushort datagramPort, ushort listenerPort)
    {
        try
        {
            AddRules(new NftBatch().AddNewTable(Table), datagramPort, listenerPort).Commit();
        }
        catch (OsException error) when (error.Errno == Errno.EEXIST)
        {
            // An earlier call's. To remove what is not there would take longer than all else.
            AddRules(new NftBatch().DeleteTable(Table).AddTable(Table), datagramPort, listenerPort).Commit();
        }
    }

    private static NftBatch AddRules(NftBatch batch, ushort datagramPort, ushort listenerPort)
    {
        const int last = 300, first = -300;
        const string to = "to", from = "from";
        var resolver = new IPNetwork(Address, 32);
        return batch
            .AddChain(Table, new NftBaseChain(to, "filter", NftHook.Output, last))
            .AddChain(Table, new NftBaseChain(from, "filter", NftHook.Output, first))
            .AddRule(Table, to, new NftRule().Destination(resolver).Protocol(Udp).DestinationPort(DnsPort).WriteDestinationPort(Udp, datagramPort))
            .AddRule(Table, to, new NftRule().Destination(resolver).Protocol(Tcp).DestinationPort(DnsPort).WriteDestinationPort(Tcp, listenerPort))
            .AddRule(Table, from, new NftRule().Source(resolver).Protocol(Udp).SourcePort(datagramPort).WriteSourcePort(Udp, DnsPort))
            .AddRule(Table, from, new NftRule().Source(resolver).Protocol(Tcp).SourcePort(listenerPort).WriteSourcePort(Tcp, DnsPort));
    }
}
