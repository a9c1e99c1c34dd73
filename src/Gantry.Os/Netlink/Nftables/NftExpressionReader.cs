namespace Gantry.Os.Netlink.Nftables;

/// <summary>Reads of one expression of a rule what <see cref="NftRuleView"/> tells.</summary>
internal static class NftExpressionReader
{
    private const int NF_DROP = 0, NF_ACCEPT = 1, NFT_JUMP = -3, NFT_GOTO = -4, NFT_RETURN = -5;

    internal static NftRuleView Read(NftRuleView rule, NetlinkAttributes expression)
    {
        var name = "";
        var data = default(NetlinkAttributes);
        while (expression.Read())
        {
            if (expression.Type == 1)
                name = expression.Text;
            else if (expression.Type == 2)
                data = expression.Nested;
        }
        return name switch
        {
            "match" => ReadMatch(rule, data),
            "cmp" or "lookup" or "range" => rule with { IsConditional = true },
            "immediate" => ReadImmediate(rule, data),
            "reject" => rule with { Verdict = NftVerdict.Drop },
            "target" => ReadTarget(rule, data),
            _ => rule,
        };
    }

    private static NftRuleView ReadMatch(NftRuleView rule, NetlinkAttributes data)
    {
        var (name, info) = Extension(data);
        return name == "comment" ? rule with { Comment = info } : rule with { IsConditional = true };
    }

    private static NftRuleView ReadTarget(NftRuleView rule, NetlinkAttributes data) =>
        Extension(data).Name == "REJECT" ? rule with { Verdict = NftVerdict.Drop } : rule;

    /// <summary>The name of an extension of xtables, and its data read as text.</summary>
    private static (string Name, string Info) Extension(NetlinkAttributes data)
    {
        string name = "", info = "";
        while (data.Read())
        {
            if (data.Type == 1)
                name = data.Text;
            else if (data.Type == 3)
            {
                var end = data.Value.IndexOf((byte)0);
                info = System.Text.Encoding.UTF8.GetString(end < 0 ? data.Value : data.Value[..end]);
            }
        }
        return (name, info);
    }

    private static NftRuleView ReadImmediate(NftRuleView rule, NetlinkAttributes data)
    {
        while (data.Read())
        {
            if (data.Type != 2)
                continue;
            var value = data.Nested;
            while (value.Read())
            {
                if (value.Type == 2)
                    rule = ReadVerdict(rule, value.Nested);
            }
        }
        return rule;
    }

    private static NftRuleView ReadVerdict(NftRuleView rule, NetlinkAttributes verdict)
    {
        while (verdict.Read())
        {
            if (verdict.Type == 2)
                rule = rule with { Target = verdict.Text };
            else if (verdict.Type == 1)
            {
                rule = rule with
                {
                    Verdict = (int)verdict.NetworkNumber switch
                    {
                        NF_DROP => NftVerdict.Drop,
                        NF_ACCEPT => NftVerdict.Accept,
                        NFT_JUMP or NFT_GOTO => NftVerdict.Jump,
                        NFT_RETURN => NftVerdict.Return,
                        _ => NftVerdict.None,
                    },
                };
            }
        }
        return rule;
    }
}
