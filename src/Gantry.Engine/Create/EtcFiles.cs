using System.Text;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Oci;

namespace Gantry.Engine.Create;

/// <summary>The contents of a container's <c>/etc/hosts</c> and <c>/etc/resolv.conf</c>.</summary>
internal static class EtcFiles
{
    private const string HostHosts = "/etc/hosts";
    private const string HostResolvConf = "/etc/resolv.conf";

    /// <summary>hosts(5): the host's own with its network, else the loopback names; then what the user adds.</summary>
    public static string Hosts(ContainerDocument document)
    {
        var text = new StringBuilder();
        if (document.HostConfig.NetworkMode == "host" && File.Exists(HostHosts))
        {
            text.Append(File.ReadAllText(HostHosts));
        }
        else
        {
            text.Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\n")
                .Append("ff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
        }

        foreach (var entry in document.HostConfig.ExtraHosts ?? [])
        {
            var colon = entry.IndexOf(':');
            if (colon <= 0 || colon == entry.Length - 1)
                throw GantryException.Invalid($"bad format for add-host: \"{entry}\"");
            text.Append(entry[(colon + 1)..].Trim('[', ']')).Append('\t').Append(entry[..colon]).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>resolv.conf(5): the host's, with what the user gives in the place of its lines.</summary>
    public static string ResolvConf(HostConfig host)
    {
        var given = new (string Keyword, IReadOnlyList<string> Values)[]
        {
            ("nameserver", host.Dns ?? []), ("search", host.DnsSearch ?? []), ("options", host.DnsOptions ?? []),
        };
        var lines = File.Exists(HostResolvConf) ? File.ReadAllLines(HostResolvConf) : [];
        var replaced = given.Where(g => g.Values.Count > 0).Select(g => g.Keyword).ToHashSet();
        var text = new StringBuilder();
        foreach (var line in lines.Where(l => !l.StartsWith('#') && !replaced.Contains(l.Split(' ', '\t')[0])))
            text.Append(line).Append('\n');
        foreach (var server in host.Dns ?? [])
            text.Append($"nameserver {server}\n");
        if (host.DnsSearch is { Count: > 0 } search && search is not ["."])
            text.Append($"search {string.Join(' ', search)}\n");
        if (host.DnsOptions is { Count: > 0 } options)
            text.Append($"options {string.Join(' ', options)}\n");
        return text.ToString();
    }
}
