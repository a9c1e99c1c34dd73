namespace Gantry.Os.Netlink.Nftables;

/// <summary>That somebody changed something of a table.</summary>
/// <param name="Family">The table's family.</param>
/// <param name="Table">The table.</param>
/// <param name="PortId">The number of the socket through which it was changed (<see cref="NetlinkSocket.PortId"/>).</param>
public readonly record struct NftChange(NftFamily Family, string Table, uint PortId);

/// <summary>Listens to the changes of nf_tables in the network namespace of the thread that makes it (NFNLGRP_NFTABLES).</summary>
public sealed class NftMonitor : IDisposable
{
    private const uint Group = 7;
    private const ushort NFTA_TABLE = 1, NFT_MSG_NEWGEN = 15;

    private readonly NetlinkSocket _socket;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="OsException">EPERM, or the kernel has no nf_tables.</exception>
    public NftMonitor()
    {
        _socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        try
        {
            _socket.Join(Group);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Readable when something has changed.</summary>
    public Fd Descriptor => _socket.Descriptor;

    /// <summary>Reads what has happened, without waiting.</summary>
    /// <param name="report">Called for each change of an object of a table.</param>
    /// <returns>False: more happened than the socket could hold, and some of it is not known.</returns>
    /// <exception cref="OsException">The socket does not work.</exception>
    public bool Read(Action<NftChange> report) => _socket.ReadNotifications((type, portId, payload) =>
    {
        // The message that ends a transaction is of no table.
        if (type >> 8 != NftBatch.Subsystem || (type & 0xff) == NFT_MSG_NEWGEN || payload.Length < 4)
            return;
        var attributes = new NetlinkAttributes(payload[4..]);
        while (attributes.Read())
        {
            // What the messages of all kinds of objects have.
            if (attributes.Type != NFTA_TABLE)
                continue;
            report(new NftChange((NftFamily)payload[0], attributes.Text, portId));
            return;
        }
    });

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}
