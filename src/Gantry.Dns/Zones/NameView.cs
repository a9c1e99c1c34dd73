using System.Net;
using System.Net.Sockets;
using Gantry.Dns.Messages;

namespace Gantry.Dns.Zones;

/// <summary>A network as one client sees it.</summary>
/// <param name="zone">The network's names.</param>
/// <param name="name">The network's name.</param>
/// <param name="links">Names that this client alone sees: each stands for another one of the network.</param>
public sealed class ViewedNetwork(NameZone zone, string name, IReadOnlyDictionary<string, string> links)
{
    private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _links = links
        .ToDictionary(static link => link.Key.ToLowerInvariant(), static link => link.Value.ToLowerInvariant()).GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly string _suffix = "." + name.ToLowerInvariant();

    /// <summary>The network's names.</summary>
    internal NameZone Zone => zone;

    /// <summary>The network's name.</summary>
    internal string Name => name;

    /// <summary>The hosts that a name stands for, which may end with the network's name; null: there is none of that name.</summary>
    internal IReadOnlyList<NameEntry>? Find(ReadOnlySpan<char> asked) =>
        FindExactly(asked) ?? (asked.EndsWith(_suffix) ? FindExactly(asked[..^_suffix.Length]) : null);

    private IReadOnlyList<NameEntry>? FindExactly(ReadOnlySpan<char> asked) =>
        _links.TryGetValue(asked, out var target) ? zone.Find(target) : zone.Find(asked);
}

/// <summary>
/// The networks that one client sees, and the answers that they give it. What no network has is not answered here. One thread uses it.
/// </summary>
/// <param name="networks">The networks, in the order in which names are looked up.</param>
public sealed class NameView(IReadOnlyList<ViewedNetwork> networks)
{
    /// <summary>How long a client may keep an answer, in seconds (docker's figure).</summary>
    public const uint Ttl = 600;

    private uint _turn;

    /// <summary>Answers a question, if it is for one of these networks.</summary>
    /// <param name="message">The question as it came.</param>
    /// <param name="query">The same, read.</param>
    /// <param name="name">Its name in lower case.</param>
    /// <param name="buffer">Receives the answer.</param>
    /// <param name="limit">How long it may be.</param>
    /// <returns>The answer's length; 0: no network has the name.</returns>
    public int Answer(ReadOnlySpan<byte> message, in DnsQuery query, ReadOnlySpan<char> name, Span<byte> buffer, int limit)
    {
        if (query.Class != DnsLimits.InternetClass)
            return 0;
        if (query.Type == DnsType.Ptr && ReverseName.Parse(name) is { } address)
            return AnswerPointer(message, query, address, buffer, limit);
        if (query.Type == DnsType.Srv && name is ['_', ..])
            return AnswerService(message, query, name, buffer, limit);
        foreach (var network in networks)
        {
            if (network.Find(name) is { } hosts)
                return AnswerAddresses(new DnsAnswerWriter(message, query, buffer, limit), query.Type, hosts);
        }
        return 0;
    }

    /// <summary>
    /// A name that exists has no records but addresses: other types are answered with none (NODATA), and so is a family that it lacks. Asked of
    /// others it would not exist, and some clients would take that for their answer to all types.
    /// </summary>
    private int AnswerAddresses(DnsAnswerWriter writer, DnsType type, IReadOnlyList<NameEntry> hosts)
    {
        var count = 0;
        foreach (var host in hosts)
            count += host.Addresses.Count;
        // Those of one name take turns, so that clients which take the first are spread.
        var first = count > 1 ? (int)(_turn++ % (uint)count) : 0;
        for (var i = 0; i < count; i++)
        {
            var address = At(hosts, (first + i) % count);
            var isIPv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
            if ((type == DnsType.Any || type == (isIPv6 ? DnsType.Aaaa : DnsType.A)) && !writer.Address(Ttl, address))
                break;
        }
        return writer.Finish(DnsResponseCode.Success);
    }

    private static IPAddress At(IReadOnlyList<NameEntry> hosts, int index)
    {
        foreach (var host in hosts)
        {
            if (index < host.Addresses.Count)
                return host.Addresses[index];
            index -= host.Addresses.Count;
        }
        throw new ArgumentOutOfRangeException(nameof(index));
    }

    private int AnswerPointer(ReadOnlySpan<byte> message, in DnsQuery query, IPAddress address, Span<byte> buffer, int limit)
    {
        foreach (var network in networks)
        {
            if (network.Zone.Find(address) is not { Names: [var host, ..] })
                continue;
            var writer = new DnsAnswerWriter(message, query, buffer, limit);
            writer.Pointer(Ttl, $"{host}.{network.Name}");
            return writer.Finish(DnsResponseCode.Success);
        }
        return 0;
    }

    /// <summary><c>_port._protocol.name</c>: the hosts of that name which have such a port.</summary>
    private int AnswerService(ReadOnlySpan<byte> message, in DnsQuery query, ReadOnlySpan<char> name, Span<byte> buffer, int limit)
    {
        var portEnd = name.IndexOf('.');
        var rest = portEnd < 0 ? [] : name[(portEnd + 1)..];
        var protocolEnd = rest.IndexOf('.');
        if (protocolEnd < 2 || rest[0] != '_')
            return 0;
        var (port, protocol) = (name[1..portEnd].ToString(), rest[1..protocolEnd].ToString());
        var host = rest[(protocolEnd + 1)..];
        foreach (var network in networks)
        {
            if (network.Find(host) is not { } hosts)
                continue;
            var found = hosts.SelectMany(entry => entry.Services.Where(service => service.Name.Equals(port, StringComparison.OrdinalIgnoreCase)
                && service.Protocol.Equals(protocol, StringComparison.OrdinalIgnoreCase)).Select(service => (entry, service))).ToList();
            if (found.Count == 0)
                continue;
            var writer = new DnsAnswerWriter(message, query, buffer, limit);
            var written = new List<(NameEntry Entry, int At)>();
            foreach (var (entry, service) in found)
            {
                if (!writer.Service(Ttl, service.Port, $"{entry.Names[0]}.{network.Name}", out var at))
                    break;
                written.Add((entry, at));
            }
            foreach (var (entry, at) in written)
                foreach (var address in entry.Addresses)
                    writer.AdditionalAddress(at, Ttl, address);
            return writer.Finish(DnsResponseCode.Success);
        }
        return 0;
    }
}
