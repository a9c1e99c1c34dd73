using System.Net;
using Gantry.Os;
using Gantry.Os.Namespaces;
using Gantry.Os.Netlink;

namespace Gantry.Networking;

/// <summary>
/// By which of a container's networks what leaves it goes, for each version of IP by itself: by the one with the highest gateway priority, of equal
/// ones by that whose name comes first.
/// </summary>
internal static class DefaultRoutes
{
    /// <summary>The request with what is known of the container's other endpoints: whether the routes lead by this one.</summary>
    internal static EndpointRequest Decide(Network network, EndpointRequest request, IReadOnlyList<Endpoint> others) => request with
    {
        GivesIPv4Route = others.All(other => other.IPv4Gateway.Length == 0 || IsBefore(request.GatewayPriority, network.Name, other)),
        GivesIPv6Route = others.All(other => other.IPv6Gateway.Length == 0 || IsBefore(request.GatewayPriority, network.Name, other)),
    };

    /// <summary>Sets the routes of a running container whose endpoints have changed.</summary>
    /// <param name="networkNamespace">Its namespace.</param>
    /// <param name="endpoints">All its endpoints.</param>
    /// <exception cref="OsException">The kernel refused.</exception>
    internal static void Apply(Fd networkNamespace, IReadOnlyList<Endpoint> endpoints)
    {
        var four = Best(endpoints.Where(static endpoint => endpoint.IPv4Gateway.Length > 0));
        var six = Best(endpoints.Where(static endpoint => endpoint.IPv6Gateway.Length > 0));
        if (four is null && six is null)
            return;
        NetworkNamespace.Run(networkNamespace, () =>
        {
            using var routes = RouteSocket.Open();
            Set(routes, four?.InterfaceName, four?.IPv4Gateway);
            Set(routes, six?.InterfaceName, six?.IPv6Gateway);
            return 0;
        });
    }

    private static void Set(RouteSocket routes, string? name, string? gateway)
    {
        // An interface that the container removed or renamed itself is the container's affair.
        if (!string.IsNullOrEmpty(name) && !string.IsNullOrEmpty(gateway) && routes.FindLink(name) is { } link)
            routes.SetDefaultRoute(link.Index, IPAddress.Parse(gateway));
    }

    private static Endpoint? Best(IEnumerable<Endpoint> endpoints) => endpoints
        .OrderByDescending(static endpoint => endpoint.GatewayPriority).ThenBy(static endpoint => endpoint.NetworkName, StringComparer.Ordinal)
            .FirstOrDefault();

    private static bool IsBefore(int priority, string name, Endpoint other) =>
        priority > other.GatewayPriority || (priority == other.GatewayPriority && string.CompareOrdinal(name, other.NetworkName) < 0);
}
