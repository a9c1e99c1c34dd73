using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Sockets;

namespace Gantry.Networking.Ports;

/// <summary>Holds the published ports of all endpoints, so that no other program of the host gets them. Safe for use by several threads.</summary>
internal sealed class PortReserver
{
    private readonly ConcurrentDictionary<string, List<Fd>> _held = new();

    /// <summary>Refuses what can never be published.</summary>
    /// <exception cref="GantryException">Why.</exception>
    internal static void Validate(PortRequest request)
    {
        if (request.ContainerPort == 0)
            throw GantryException.Invalid("invalid port specification: the container's port is 0");
        if (request.LastHostPort < request.FirstHostPort)
            throw GantryException.Invalid($"invalid hostPort: {request.FirstHostPort}-{request.LastHostPort}");
        _ = ParseAddress(request.HostAddress);
    }

    /// <summary>Reserves the ports of an endpoint, all or none.</summary>
    /// <param name="endpointId">The endpoint that has them until <see cref="Release"/>.</param>
    /// <param name="requests">What is wanted, valid.</param>
    /// <exception cref="GantryException">One is taken: <c>port is already allocated</c>.</exception>
    internal IReadOnlyList<PublishedPort> Reserve(string endpointId, IReadOnlyList<PortRequest> requests)
    {
        if (requests.Count == 0)
            return [];
        var held = new List<Fd>();
        try
        {
            var published = requests.Select(request => Reserve(request, held)).ToList();
            _held[endpointId] = held;
            return published;
        }
        catch
        {
            held.ForEach(static socket => socket.Dispose());
            throw;
        }
    }

    /// <summary>
    /// Reserves again what an endpoint of an earlier daemon has. The rules that lead to it are there: what another program took meanwhile does
    /// not make it unreachable, so that is no error.
    /// </summary>
    internal void Restore(string endpointId, IReadOnlyList<PublishedPort> ports)
    {
        var held = new List<Fd>();
        foreach (var port in ports)
        {
            if (PortReservation.TryReserve(IPAddress.Parse(port.HostAddress), port.HostPort, port.Protocol == PortProtocol.Tcp, out _) is { } reservation)
                held.Add(reservation.Socket);
        }
        if (held.Count > 0)
            _held[endpointId] = held;
    }

    /// <summary>Gives back what an endpoint has.</summary>
    internal void Release(string endpointId)
    {
        if (_held.TryRemove(endpointId, out var held))
            held.ForEach(static socket => socket.Dispose());
    }

    private static PublishedPort Reserve(PortRequest request, List<Fd> held)
    {
        var address = ParseAddress(request.HostAddress);
        Errno error = default;
        for (int port = request.FirstHostPort; port <= request.LastHostPort; port++)
        {
            if (PortReservation.TryReserve(address, (ushort)port, request.Protocol == PortProtocol.Tcp, out error) is { } reservation)
            {
                held.Add(reservation.Socket);
                return new PublishedPort(request.ContainerPort, request.Protocol, address.ToString(), reservation.Port);
            }
            if (error != Errno.EADDRINUSE)
                break;
        }
        var wanted = $"{address}:{request.FirstHostPort}";
        throw error == Errno.EADDRINUSE
            ? new GantryException(ErrorKind.System, $"Bind for {wanted} failed: port is already allocated")
            : new GantryException(ErrorKind.System, $"failed to bind host port {wanted}/{request.Protocol.ToString().ToLowerInvariant()}: {error.Description}");
    }

    private static IPAddress ParseAddress(string text) =>
        text.Length == 0 ? IPAddress.Any
        : !IPAddress.TryParse(text, out var address) ? throw GantryException.Invalid($"invalid IP address: {text}")
        : address.AddressFamily == AddressFamily.InterNetwork ? address
        : throw GantryException.NotImplemented($"this version of Gantry does not publish ports on IPv6 addresses: {text}");
}
