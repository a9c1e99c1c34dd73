using System.Net;
using Gantry.Oci;

namespace Gantry.Registry.Client.Hosts;

/// <summary>
/// Which registries may be spoken to without verified TLS: those the administrator names, and those on this machine. A name is looked up
/// only against networks that the administrator names. Only <c>localhost</c> is taken for this machine by its name: whoever answers
/// a DNS query must not be able to switch TLS off.
/// </summary>
internal sealed class InsecureRegistries
{
    private readonly List<IPNetwork> _networks = [];
    private readonly HashSet<string> _hosts = new(StringComparer.OrdinalIgnoreCase);

    /// <exception cref="GantryException">An entry is malformed.</exception>
    internal InsecureRegistries(IEnumerable<string> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Contains("://", StringComparison.Ordinal))
                throw GantryException.Invalid($"insecure registry {entry} should not contain '://'");
            if (!entry.Contains('/', StringComparison.Ordinal))
                _hosts.Add(entry);
            else if (IPNetwork.TryParse(entry, out var network))
                _networks.Add(network);
            else
                throw GantryException.Invalid($"insecure registry {entry}: neither host[:port] nor a network such as 10.0.0.0/8");
        }
    }

    internal async ValueTask<bool> IncludeAsync(string authority, CancellationToken cancellation)
    {
        var host = new Uri($"any://{authority}").IdnHost;
        if (_hosts.Contains(authority) || _hosts.Contains(host) || host.Equals("localhost", StringComparison.OrdinalIgnoreCase))
            return true;
        if (IPAddress.TryParse(host.Trim('[', ']'), out var address))
            return IPAddress.IsLoopback(address) || Contain(address);
        return _networks.Count > 0 && (await LookUpAsync(host, cancellation)).Any(Contain);
    }

    private bool Contain(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return _networks.Exists(network => network.BaseAddress.AddressFamily == plain.AddressFamily && network.Contains(plain));
    }

    private static async Task<IPAddress[]> LookUpAsync(string host, CancellationToken cancellation)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(host, cancellation);
        }
        catch (System.Net.Sockets.SocketException)
        {
            // A name that only the proxy knows: not in any network of ours.
            return [];
        }
    }
}
