using Gantry.Os.Netlink;
using Gantry.Os.Netlink.Nftables;

namespace Gantry.Networking.Nftables;

/// <summary>
/// Our one rule in another's table. A drop in any chain of a hook wins, so what this engine lets through is dropped all the same where iptables'
/// FORWARD drops what it does not know, as it does with a Docker on the same host. There one rule lets through what has our mark: in
/// <c>DOCKER-USER</c> where FORWARD goes there, else at the head of FORWARD. It has the form of iptables-nft, which lists and can delete it.
/// </summary>
/// <param name="instance">The engine's name, which the rule's comment has.</param>
internal sealed class ForwardException(string instance)
{
    internal const string Table = "filter";
    private const string Forward = "FORWARD", UserChain = "DOCKER-USER";

    private string Comment => $"gantry {instance}";

    /// <summary>Puts the rule where it is needed, and removes it from where it is not.</summary>
    /// <param name="socket">By which changes are made.</param>
    /// <param name="isWanted">Whether there is anything to let through.</param>
    /// <exception cref="Os.OsException">The kernel refused.</exception>
    internal void Ensure(NetlinkSocket socket, bool isWanted)
    {
        foreach (var family in (NftFamily[])[NftFamily.IPv4, NftFamily.IPv6])
            Ensure(new NftReader(socket), socket, family, isWanted);
    }

    /// <summary>The chain of another that drops what it does not know, and the one to put an exception into; null: there is none.</summary>
    internal static (NftChain Dropping, string ExceptionIn)? Find(NftReader reader, NftFamily family)
    {
        var chains = reader.ListChains(family).Where(static chain => chain.Table == Table).ToList();
        if (chains.FirstOrDefault(static chain => chain is { Name: Forward, Hook: NftHook.Forward, Drops: true }) is not { } forward)
            return null;
        var hasUserChain = chains.Any(static chain => chain.Name == UserChain)
            && reader.ListRules(Table, Forward, family).Any(static rule => rule is { Target: UserChain, IsConditional: false });
        return (forward, hasUserChain ? UserChain : Forward);
    }

    /// <summary>Whether the rule is in a chain.</summary>
    internal bool IsIn(NftReader reader, NftFamily family, string chain) => reader.ListRules(Table, chain, family).Any(rule => rule.Comment == Comment);

    private void Ensure(NftReader reader, NetlinkSocket socket, NftFamily family, bool isWanted)
    {
        var target = isWanted ? Find(reader, family)?.ExceptionIn : null;
        var batch = new NftBatch(family);
        var isThere = false;
        foreach (var chain in reader.ListChains(family).Where(static chain => chain is { Table: Table, Name: Forward or UserChain }))
        {
            foreach (var rule in reader.ListRules(Table, chain.Name, family).Where(rule => rule.Comment == Comment))
            {
                if (chain.Name == target && !isThere)
                    isThere = true;
                else
                    batch.DeleteRule(Table, chain.Name, rule.Handle);
            }
        }
        if (target is not null && !isThere)
            batch.InsertForeignRule(Table, target, new NftRule().HasMark(FirewallLayout.AllowedMark).Comment(Comment).Counter().Accept());
        batch.Commit(socket);
    }
}
