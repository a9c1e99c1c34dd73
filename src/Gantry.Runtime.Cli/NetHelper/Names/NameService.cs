using System.Net;
using Gantry.Dns.Forwarding;
using Gantry.Dns.Messages;
using Gantry.Dns.Zones;
using Gantry.Os;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper.Loop;
using Gantry.Runtime.NetHelper;

namespace Gantry.Runtime.Cli.NetHelper.Names;

/// <summary>
/// The names of all networks, the containers that ask for them, and what becomes of a question: an answer of a network's, of the cache, or of the servers
/// outside. Everything runs on the loop.
/// </summary>
internal sealed class NameService : IDisposable
{
    private const int CachedAnswers = 8192, CachedBytes = 4 << 20;

    private readonly EventLoop _loop;
    private readonly Dictionary<string, NameZone> _zones = [];
    private readonly Dictionary<(string Network, string Container), PublishedNames> _published = [];
    private readonly Dictionary<string, ContainerResolver> _resolvers = [];
    private readonly UpstreamSockets _upstreams;
    private readonly AnswerCache _cache = new(CachedAnswers, CachedBytes);
    private readonly Forwarder _forwarder;
    private readonly UpstreamGroups _groups = new();
    private bool _ticking;

    public NameService(EventLoop loop)
    {
        _loop = loop;
        _upstreams = new UpstreamSockets(loop);
        _forwarder = new Forwarder(_upstreams, _cache, new RandomNumbers().Next, new ForwardTimes());
    }

    /// <summary>Room for questions and answers of one round, of any container.</summary>
    public DatagramBatch Batch { get; } = new(receiveSize: 2048, answerSize: 4096);

    /// <summary>How many containers are served and names are published.</summary>
    public int Count => _resolvers.Count + _published.Count;

    /// <summary>The containers that are served.</summary>
    public IEnumerable<(ServedContainer Container, ResolverSockets Sockets)> Containers =>
        _resolvers.Values.Select(resolver => (resolver.Container, resolver.Sockets));

    /// <summary>What was published and not withdrawn.</summary>
    public IReadOnlyCollection<PublishedNames> Published => _published.Values;

    /// <summary>Questions so far.</summary>
    public long Queries { get; private set; }

    /// <summary>Questions that servers outside were asked.</summary>
    public long Forwarded { get; private set; }

    /// <summary>Questions that the cache answered.</summary>
    public long CacheHits { get; private set; }

    /// <summary>Questions that nobody answered.</summary>
    public long Unanswered => _forwarder.Unanswered;

    /// <summary>How many containers are served.</summary>
    public int ContainerCount => _resolvers.Count;

    /// <summary>Serves a container through these sockets from now on.</summary>
    public void Serve(ServedContainer container, ResolverSockets sockets)
    {
        if (_resolvers.Remove(container.Id, out var old))
            old.Dispose();
        var resolver = new ContainerResolver(_loop, this, container, sockets);
        Show(resolver, container);
        _resolvers.Add(container.Id, resolver);
    }

    /// <summary>Changes what a container sees.</summary>
    /// <returns>Whether it is served.</returns>
    public bool Update(ServedContainer container)
    {
        if (!_resolvers.TryGetValue(container.Id, out var resolver))
            return false;
        Show(resolver, container);
        DropEmptyZones();
        return true;
    }

    /// <summary>Stops serving a container and withdraws its names.</summary>
    public void StopServing(string container)
    {
        if (_resolvers.Remove(container, out var resolver))
            resolver.Dispose();
        foreach (var key in _published.Keys.Where(key => key.Container == container).ToList())
            Remove(key.Network, key.Container);
        DropEmptyZones();
    }

    /// <summary>Makes names known on a network.</summary>
    public void Publish(PublishedNames names)
    {
        _published[(names.Network, names.Container)] = names;
        Zone(names.Network).Set(names.Container, new NameEntry(
            names.Names, names.Addresses, [.. names.Ports.Select(port => new ServiceEntry(port.Name, port.Protocol, port.Port))]));
    }

    /// <summary>Takes names back.</summary>
    public void Withdraw(string network, string container)
    {
        Remove(network, container);
        DropEmptyZones();
    }

    /// <summary>Answers a question that a network of the container's, or the cache, has the answer to.</summary>
    /// <returns>The answer's length; 0: there is none to be sent; -1: servers outside have to be asked.</returns>
    public int Answer(ContainerResolver client, ReadOnlySpan<byte> message, Span<byte> buffer, bool isStream)
    {
        Span<char> name = stackalloc char[DnsName.LongestText];
        var verdict = DnsQuery.Read(message, name, out var nameLength, out var query);
        if (verdict == QueryVerdict.Ignore)
            return 0;
        Queries++;
        if (verdict != QueryVerdict.Valid)
            return DnsAnswerWriter.WriteEmpty(message, query, buffer, Code(verdict));
        name = name[..nameLength];
        var limit = isStream ? buffer.Length : Math.Min(buffer.Length, query.DatagramSize);
        // 1. Names of the networks.
        if (client.View!.Answer(message, query, name, buffer, limit) is var length and > 0)
            return length;
        // 2. Names for which the client is to try its search list; names outside, of a container that has no way there.
        if (client.Container.HasNdots && query.Type is DnsType.A or DnsType.Aaaa && !name.Contains('.'))
            return DnsAnswerWriter.WriteEmpty(message, query, buffer, DnsResponseCode.Success);
        if (client.Upstreams!.Servers.Count == 0)
            return DnsAnswerWriter.WriteEmpty(message, query, buffer, DnsResponseCode.ServerFailure);
        // 3. What is known from before.
        var key = AnswerCache.WriteKey(client.Upstreams.Number, query, name, stackalloc char[AnswerCache.LongestKey]);
        length = _cache.Answer(key, Clock.MonotonicMilliseconds, message, query, buffer, limit);
        CacheHits += length > 0 ? 1 : 0;
        return length > 0 ? length : -1;
    }

    /// <summary>Asks the servers outside.</summary>
    /// <param name="client">Who asks.</param>
    /// <param name="message">The question; nobody changes it any more.</param>
    /// <param name="isStream">Whether it came over TCP.</param>
    /// <param name="receiver">Gets an answer, always one.</param>
    public void Forward(ContainerResolver client, byte[] message, bool isStream, AnswerReceiver receiver)
    {
        const int mostOfOne = 256;
        Span<char> name = stackalloc char[DnsName.LongestText];
        DnsQuery.Read(message, name, out var nameLength, out var query);
        if (client.Pending >= mostOfOne)
        {
            receiver(Short(message, query, DnsResponseCode.ServerFailure));
            return;
        }
        Forwarded++;
        client.Pending++;
        var key = AnswerCache.WriteKey(client.Upstreams!.Number, query, name[..nameLength], stackalloc char[AnswerCache.LongestKey]);
        _forwarder.Forward(Clock.MonotonicMilliseconds, client.Upstreams, message, query, key, isStream, answer =>
        {
            client.Pending--;
            if (answer.IsEmpty)
                receiver(Short(message, query, DnsResponseCode.ServerFailure));
            else if (!isStream && answer.Length > query.DatagramSize)
                receiver(Short(message, query, null));
            else
                receiver(answer);
        });
        TickWhilePending();
    }

    public void Dispose()
    {
        foreach (var resolver in _resolvers.Values)
            resolver.Dispose();
        _upstreams.Dispose();
        Batch.Dispose();
    }

    private static DnsResponseCode Code(QueryVerdict verdict) => verdict switch
    {
        QueryVerdict.NotImplemented => DnsResponseCode.NotImplemented,
        QueryVerdict.BadVersion => DnsResponseCode.BadVersion,
        _ => DnsResponseCode.FormatError,
    };

    /// <summary>An answer without records; without a code: that it is to be asked for over TCP.</summary>
    private static byte[] Short(byte[] message, in DnsQuery query, DnsResponseCode? code)
    {
        var buffer = new byte[DnsLimits.PlainDatagram];
        var length = code is { } value ? DnsAnswerWriter.WriteEmpty(message, query, buffer, value) : DnsAnswerWriter.WriteTruncated(message, query, buffer);
        return buffer[..length];
    }

    private void TickWhilePending()
    {
        const int tickMilliseconds = 50;
        if (_ticking || _forwarder.Pending == 0)
            return;
        _ticking = true;
        _loop.After(tickMilliseconds, () =>
        {
            _ticking = false;
            _forwarder.Tick(Clock.MonotonicMilliseconds);
            TickWhilePending();
        });
    }

    private void Show(ContainerResolver resolver, ServedContainer container) => resolver.Show(
        container,
        new NameView([.. container.Networks.Select(network => new ViewedNetwork(Zone(network.Id), network.Name, network.Links))]),
        container.Servers.SequenceEqual(resolver.Container.Servers) && resolver.Upstreams is { } same ? same : _groups.For(container, resolver));

    private NameZone Zone(string network)
    {
        if (!_zones.TryGetValue(network, out var zone))
            _zones.Add(network, zone = new NameZone());
        return zone;
    }

    private void Remove(string network, string container)
    {
        if (_published.Remove((network, container)))
            Zone(network).Remove(container);
    }

    /// <summary>Views hold their zones: one that somebody sees must stay the same object.</summary>
    private void DropEmptyZones()
    {
        foreach (var network in _zones.Where(zone => zone.Value.Count == 0).Select(zone => zone.Key).ToList())
        {
            if (!_resolvers.Values.Any(resolver => resolver.Container.Networks.Any(seen => seen.Id == network)))
                _zones.Remove(network);
        }
    }
}
