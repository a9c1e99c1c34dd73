using System.Text;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Files;

namespace Gantry.Engine.Spec;

/// <summary>
/// The files shown as a container's <c>/etc/hostname</c>, <c>/etc/hosts</c> and <c>/etc/resolv.conf</c>. They are made at each start, beside
/// the keeper's records: what they say can be said again, so a container that was only created has none, and none is ever synced.
/// </summary>
internal static class EtcFiles
{
    private const string HostHosts = "/etc/hosts";
    private const string HostResolvConf = "/etc/resolv.conf";

    /// <summary>Makes them. The folder exists.</summary>
    /// <exception cref="OsException">Writing failed, e.g. there is no space left.</exception>
    public static void Write(Container container)
    {
        Write(container.HostnamePath, container.Config.Hostname + "\n");
        Write(container.HostsPath, Hosts(container.HostConfig));
        Write(container.ResolvConfPath, ResolvConf(container.HostConfig));
    }

    /// <summary>Checks a name and address that the user adds.</summary>
    /// <exception cref="GantryException">It is not of the form <c>name:address</c>.</exception>
    public static void CheckExtraHost(string entry)
    {
        var colon = entry.IndexOf(':');
        if (colon <= 0 || colon == entry.Length - 1)
            throw GantryException.Invalid($"bad format for add-host: \"{entry}\"");
    }

    private static void Write(string path, string text)
    {
        using var file = FileOpener.Open(path, OpenFlags.WriteOnly | OpenFlags.Create | OpenFlags.Truncate, 0x1a4 /* 0644 */);
        FileData.Write(file, Encoding.UTF8.GetBytes(text));
    }

    /// <summary>hosts(5): the host's own with its network, else the loopback names; then what the user adds.</summary>
    private static string Hosts(HostConfig host)
    {
        var text = new StringBuilder();
        if (host.NetworkMode == "host" && File.Exists(HostHosts))
        {
            text.Append(File.ReadAllText(HostHosts));
        }
        else
        {
            text.Append("127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::\tip6-localnet\n")
                .Append("ff00::\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
        }

        foreach (var entry in host.ExtraHosts ?? [])
        {
            var colon = entry.IndexOf(':');
            text.Append(entry[(colon + 1)..].Trim('[', ']')).Append('\t').Append(entry[..colon]).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>resolv.conf(5): the host's, with what the user gives in the place of its lines.</summary>
    private static string ResolvConf(HostConfig host)
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
