using System.Globalization;
using System.Net;
using Gantry.Dns.Forwarding;
using Gantry.Runtime.NetHelper;

namespace Gantry.Runtime.Cli.NetHelper.Names;

/// <summary>From where each server of a group is asked.</summary>
/// <param name="FromHost">For each server: whether from the host's network namespace.</param>
/// <param name="Resolver">The container whose namespace it is otherwise; null: there is no otherwise.</param>
internal sealed record UpstreamOrigin(IReadOnlyList<bool> FromHost, ContainerResolver? Resolver);

/// <summary>The groups of servers. Containers that have the host's servers share one, and what the cache has of them.</summary>
internal sealed class UpstreamGroups
{
    private const int MostShared = 1000;

    private readonly Dictionary<string, UpstreamGroup> _shared = [];
    private int _lastNumber;

    /// <summary>The group of a container.</summary>
    public UpstreamGroup For(ServedContainer container, ContainerResolver resolver)
    {
        var fromHost = container.Servers.Select(static server => server.FromHost || IPAddress.IsLoopback(server.Address)).ToArray();
        var key = string.Join(' ', container.Servers.Select(server => string.Create(CultureInfo.InvariantCulture, $"{server.Address}#{server.Port}")));
        var shares = Array.TrueForAll(fromHost, static from => from);
        if (shares && _shared.TryGetValue(key, out var known))
            return known;
        // Hosts change their servers now and then, and nobody has as many: those that nobody uses any more go.
        if (_shared.Count >= MostShared)
            _shared.Clear();
        var group = new UpstreamGroup(++_lastNumber, [.. container.Servers.Select(server => new IPEndPoint(server.Address, server.Port))],
            new UpstreamOrigin(fromHost, shares ? null : resolver));
        if (shares)
            _shared.Add(key, group);
        return group;
    }
}
