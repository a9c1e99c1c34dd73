namespace Gantry.Os.Netlink.Nftables;

/// <summary>A chain that the kernel has.</summary>
/// <param name="Family">Its table's family.</param>
/// <param name="Table">Its table.</param>
/// <param name="Name">Its name.</param>
/// <param name="Hook">Where the kernel calls it; null: others jump to it.</param>
/// <param name="Priority">When it does.</param>
/// <param name="Drops">Whether what no rule decides is dropped.</param>
public sealed record NftChain(NftFamily Family, string Table, string Name, NftHook? Hook, int Priority, bool Drops);

/// <summary>A rule that the kernel has, as far as it is read.</summary>
/// <param name="Handle">Its number in its table.</param>
/// <param name="Comment">The comment that iptables gave it; empty: none.</param>
/// <param name="Target">The chain that it goes on in; empty: none.</param>
/// <param name="IsConditional">Whether it is for some packets only.</param>
/// <param name="Verdict">What it does.</param>
public sealed record NftRuleView(ulong Handle, string Comment, string Target, bool IsConditional, NftVerdict Verdict);

/// <summary>What a rule does with a packet.</summary>
public enum NftVerdict
{
    /// <summary>Something else, or nothing.</summary>
    None,

    /// <summary>It is let through.</summary>
    Accept,

    /// <summary>It is dropped or rejected.</summary>
    Drop,

    /// <summary>Another chain goes on.</summary>
    Jump,

    /// <summary>The chain that jumped here goes on.</summary>
    Return,
}

/// <summary>Reads the tables of a network namespace, whoever made them.</summary>
/// <param name="socket">One of <see cref="NetlinkFamily.Netfilter"/>.</param>
public sealed class NftReader(NetlinkSocket socket)
{
    private const ushort NFT_MSG_GETTABLE = 1, NFT_MSG_GETCHAIN = 4, NFT_MSG_GETRULE = 7, NFT_MSG_GETSETELEM = 13;
    private const ushort NFTA_CHAIN_TABLE = 1, NFTA_CHAIN_NAME = 3, NFTA_CHAIN_HOOK = 4, NFTA_CHAIN_POLICY = 5;
    private const ushort NFTA_RULE_TABLE = 1, NFTA_RULE_CHAIN = 2, NFTA_RULE_HANDLE = 3, NFTA_RULE_EXPRESSIONS = 4, NFTA_SET_ELEM_LIST_ELEMENTS = 3;
    private const int HeaderSize = 4, Attempts = 20;

    /// <summary>Whether a table is there.</summary>
    /// <exception cref="OsException">The kernel has no nf_tables, or this process no right to it.</exception>
    public bool HasTable(string table, NftFamily family = NftFamily.Inet)
    {
        var error = socket.Query(Question(NFT_MSG_GETTABLE, NetlinkFlags.None, family).Text(1, table), static (_, _) => { });
        return error.Value == 0 || (error == Errno.ENOENT ? false : throw new OsException($"look up the table {table}", error));
    }

    /// <summary>All chains of a family.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public IReadOnlyList<NftChain> ListChains(NftFamily family) =>
        Dump("list the chains", () => Question(NFT_MSG_GETCHAIN, NetlinkFlags.Dump, family), ReadChain);

    /// <summary>The rules of a chain, in their order.</summary>
    /// <exception cref="OsException">The kernel refused.</exception>
    public IReadOnlyList<NftRuleView> ListRules(string table, string chain, NftFamily family = NftFamily.Inet) => Dump(
        $"list the rules of {table} {chain}",
        () => Question(NFT_MSG_GETRULE, NetlinkFlags.Dump, family).Text(NFTA_RULE_TABLE, table).Text(NFTA_RULE_CHAIN, chain), ReadRule);

    /// <summary>How many elements a set or map has.</summary>
    /// <exception cref="OsException">The kernel refused, e.g. ENOENT: there is no such set.</exception>
    public int CountElements(string table, string set, NftFamily family = NftFamily.Inet) => Dump(
        $"list the set {table} {set}",
        () => Question(NFT_MSG_GETSETELEM, NetlinkFlags.Dump, family).Text(1, table).Text(2, set), CountElements).Sum();

    /// <summary>A dump during which somebody changed the tables is asked for again.</summary>
    private List<T> Dump<T>(string what, Func<NetlinkMessage> question, Func<ReadOnlySpan<byte>, T> read)
    {
        for (var attempt = 1; ; attempt++)
        {
            var result = new List<T>();
            var error = socket.Query(question(), (_, payload) => result.Add(read(payload)));
            if (error.Value == 0)
                return result;
            if (error != Errno.EINTR || attempt == Attempts)
                throw new OsException(what, error);
        }
    }

    private static NetlinkMessage Question(ushort type, NetlinkFlags flags, NftFamily family) =>
        new NetlinkMessage((ushort)(NftBatch.Subsystem << 8 | type), flags).Raw([(byte)family, 0, 0, 0]);

    private static NftChain ReadChain(ReadOnlySpan<byte> payload)
    {
        var chain = new NftChain((NftFamily)payload[0], "", "", null, 0, false);
        var attributes = new NetlinkAttributes(payload[HeaderSize..]);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case NFTA_CHAIN_TABLE: chain = chain with { Table = attributes.Text }; break;
                case NFTA_CHAIN_NAME: chain = chain with { Name = attributes.Text }; break;
                case NFTA_CHAIN_POLICY: chain = chain with { Drops = attributes.NetworkNumber == 0 }; break;
                case NFTA_CHAIN_HOOK: chain = ReadHook(chain, attributes.Nested); break;
            }
        }
        return chain;
    }

    private static NftChain ReadHook(NftChain chain, NetlinkAttributes hook)
    {
        while (hook.Read())
        {
            chain = hook.Type switch
            {
                1 => chain with { Hook = (NftHook)hook.NetworkNumber },
                2 => chain with { Priority = (int)hook.NetworkNumber },
                _ => chain,
            };
        }
        return chain;
    }

    private static NftRuleView ReadRule(ReadOnlySpan<byte> payload)
    {
        var rule = new NftRuleView(0, "", "", false, NftVerdict.None);
        var attributes = new NetlinkAttributes(payload[HeaderSize..]);
        while (attributes.Read())
        {
            if (attributes.Type == NFTA_RULE_HANDLE)
                rule = rule with { Handle = attributes.NetworkNumber64 };
            else if (attributes.Type == NFTA_RULE_EXPRESSIONS)
            {
                var expressions = attributes.Nested;
                while (expressions.Read())
                    rule = NftExpressionReader.Read(rule, expressions.Nested);
            }
        }
        return rule;
    }

    private static int CountElements(ReadOnlySpan<byte> payload)
    {
        var count = 0;
        var attributes = new NetlinkAttributes(payload[HeaderSize..]);
        while (attributes.Read())
        {
            if (attributes.Type != NFTA_SET_ELEM_LIST_ELEMENTS)
                continue;
            var elements = attributes.Nested;
            while (elements.Read())
                count++;
        }
        return count;
    }
}
