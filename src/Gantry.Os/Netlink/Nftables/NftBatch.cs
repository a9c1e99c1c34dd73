namespace Gantry.Os.Netlink.Nftables;

/// <summary>Changes to tables of one family that take effect together or not at all: one transaction of nf_tables, sent as one datagram.</summary>
/// <param name="family">The tables' family.</param>
public sealed partial class NftBatch(NftFamily family = NftFamily.Inet)
{
    internal const ushort Subsystem = 10;

    private const ushort NFNL_MSG_BATCH_BEGIN = 0x10, NFNL_MSG_BATCH_END = 0x11;
    private const ushort NFT_MSG_NEWTABLE = 0, NFT_MSG_DELTABLE = 2, NFT_MSG_NEWCHAIN = 3, NFT_MSG_NEWRULE = 6,
        NFT_MSG_DELRULE = 8;
    private const ushort NFTA_TABLE_NAME = 1, NFTA_CHAIN_TABLE = 1, NFTA_CHAIN_NAME = 3, NFTA_CHAIN_HOOK = 4, NFTA_CHAIN_POLICY = 5,
        NFTA_CHAIN_TYPE = 7, NFTA_HOOK_HOOKNUM = 1, NFTA_HOOK_PRIORITY = 2, NFTA_RULE_TABLE = 1, NFTA_RULE_CHAIN = 2, NFTA_RULE_HANDLE = 3,
        NFTA_RULE_EXPRESSIONS = 4, NFTA_RULE_COMPAT = 5;

    private readonly List<(string What, NetlinkMessage Message)> _changes = [];

    /// <summary>Makes a table; nothing happens if it is there.</summary>
    public NftBatch AddTable(string table) => Add($"make the table {table}", Change(NFT_MSG_NEWTABLE, NetlinkFlags.Create).Text(NFTA_TABLE_NAME, table));

    /// <summary>Makes a table; the transaction fails if it is there (EEXIST).</summary>
    public NftBatch AddNewTable(string table) =>
        Add($"make the table {table}", Change(NFT_MSG_NEWTABLE, NetlinkFlags.Create | NetlinkFlags.Exclusive).Text(NFTA_TABLE_NAME, table));

    /// <summary>Removes a table with all that is in it; the transaction fails if it is not there.</summary>
    public NftBatch DeleteTable(string table) => Add($"remove the table {table}", Change(NFT_MSG_DELTABLE, NetlinkFlags.None).Text(NFTA_TABLE_NAME, table));

    /// <summary>Makes a chain that others jump to.</summary>
    public NftBatch AddChain(string table, string chain) => Add($"make the chain {table} {chain}", Change(NFT_MSG_NEWCHAIN, NetlinkFlags.Create)
        .Text(NFTA_CHAIN_TABLE, table).Text(NFTA_CHAIN_NAME, chain));

    /// <summary>Makes a chain that the kernel calls.</summary>
    public NftBatch AddChain(string table, NftBaseChain chain)
    {
        const uint accept = 1, drop = 0;
        return Add($"make the chain {table} {chain.Name}", Change(NFT_MSG_NEWCHAIN, NetlinkFlags.Create)
            .Text(NFTA_CHAIN_TABLE, table).Text(NFTA_CHAIN_NAME, chain.Name)
            .Nest(NFTA_CHAIN_HOOK, hook => hook
                .NetworkNumber(NFTA_HOOK_HOOKNUM, (uint)chain.Hook).NetworkNumber(NFTA_HOOK_PRIORITY, unchecked((uint)chain.Priority)))
            .NetworkNumber(NFTA_CHAIN_POLICY, chain.Drops ? drop : accept).Text(NFTA_CHAIN_TYPE, chain.Type));
    }

    /// <summary>Adds a rule behind those that a chain has.</summary>
    public NftBatch AddRule(string table, string chain, NftRule rule) => Add($"add a rule to {table} {chain}",
        Change(NFT_MSG_NEWRULE, NetlinkFlags.Create | NetlinkFlags.Append)
            .Text(NFTA_RULE_TABLE, table).Text(NFTA_RULE_CHAIN, chain).Nest(NFTA_RULE_EXPRESSIONS, rule.Write));

    /// <summary>Puts a rule before those that a chain has, in the form in which iptables-nft has its own (struct nft_rule_compat).</summary>
    public NftBatch InsertForeignRule(string table, string chain, NftRule rule) => Add($"insert a rule into {table} {chain}",
        Change(NFT_MSG_NEWRULE, NetlinkFlags.Create)
            .Text(NFTA_RULE_TABLE, table).Text(NFTA_RULE_CHAIN, chain).Nest(NFTA_RULE_EXPRESSIONS, rule.Write)
            .Nest(NFTA_RULE_COMPAT, static compat => compat.NetworkNumber(1, 0).NetworkNumber(2, 0)));

    /// <summary>Removes one rule; the transaction fails if it is not there.</summary>
    public NftBatch DeleteRule(string table, string chain, ulong handle) => Add($"remove a rule from {table} {chain}",
        Change(NFT_MSG_DELRULE, NetlinkFlags.None)
            .Text(NFTA_RULE_TABLE, table).Text(NFTA_RULE_CHAIN, chain).NetworkNumber64(NFTA_RULE_HANDLE, handle));

    /// <summary>Makes the changes, in the network namespace of the calling thread.</summary>
    /// <exception cref="OsException">The kernel refused one of them, which is named; none was made.</exception>
    public void Commit()
    {
        using var socket = NetlinkSocket.Open(NetlinkFamily.Netfilter);
        Commit(socket);
    }

    /// <summary>Makes the changes, in the network namespace of a socket.</summary>
    /// <param name="socket">One of <see cref="NetlinkFamily.Netfilter"/>; what listeners are told carries its number.</param>
    /// <exception cref="OsException">The kernel refused one of them, which is named; none was made.</exception>
    public void Commit(NetlinkSocket socket)
    {
        if (_changes.Count == 0)
            return;
        var (error, index) = socket.Batch([Boundary(NFNL_MSG_BATCH_BEGIN), .. _changes.Select(static change => change.Message), Boundary(NFNL_MSG_BATCH_END)]);
        if (error.Value != 0)
            throw new OsException(index is 0 || index > _changes.Count ? "change nf_tables" : _changes[index - 1].What, error);
    }

    private NftBatch Add(string what, NetlinkMessage message)
    {
        _changes.Add((what, message));
        return this;
    }

    /// <summary>struct nfgenmsg: family, version, resource (in network order).</summary>
    private NetlinkMessage Change(ushort type, NetlinkFlags flags) =>
        new NetlinkMessage((ushort)(Subsystem << 8 | type), flags).Raw([(byte)family, 0, 0, 0]);

    private static NetlinkMessage Boundary(ushort type) => new NetlinkMessage(type, NetlinkFlags.None).Raw([0, 0, 0, (byte)Subsystem]);
}
