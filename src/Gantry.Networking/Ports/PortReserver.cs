using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Gantry.Networking.Ipam;
using Gantry.Oci;
using Gantry.Os;
using Gantry.Os.Sockets;

namespace Gantry.Networking.Ports;

/// <summary>Holds the published ports of all endpoints, so that no other program of the host gets them. Safe for use by several threads.</summary>
internal sealed class PortReserver
{
    /// <summary>How often a port that the kernel chose for one version of IP may be taken in the other.</summary>
    private const int Attempts = 32;

    private readonly ConcurrentDictionary<string, Holding> _held = new();

    /// <summary>Refuses what can never be published.</summary>
    /// <exception cref="GantryException">Why.</exception>
    internal static void Validate(PortRequest request)
    {
        if (request.ContainerPort == 0)
            throw GantryException.Invalid("invalid port specification: the container's port is 0");
        if (request.LastHostPort < request.FirstHostPort)
            throw GantryException.Invalid($"invalid hostPort: {request.FirstHostPort}-{request.LastHostPort}");
        if (request.HostAddress.Length > 0 && !IPAddress.TryParse(request.HostAddress, out _))
            throw GantryException.Invalid($"invalid IP address: {request.HostAddress}");
    }

    /// <summary>Reserves the ports of an endpoint, all or none.</summary>
    /// <param name="endpointId">The endpoint that has them until <see cref="Release"/>.</param>
    /// <param name="owner">The name of its container, for others' errors.</param>
    /// <param name="requests">What is wanted, each at all its addresses of the host.</param>
    /// <exception cref="GantryException">One is taken: <c>port is already allocated</c>, and who has it.</exception>
    internal IReadOnlyList<PublishedPort> Reserve(string endpointId, string owner, IReadOnlyList<HostPorts> requests)
    {
        requests = [.. requests.Where(static request => request.Addresses.Count > 0)];
        if (requests.Count == 0)
            return [];
        var held = new List<Fd>();
        try
        {
            var published = requests.SelectMany(request => Reserve(request, held)).ToList();
            _held[endpointId] = new Holding(owner, published, [.. published.Zip(held)]);
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
    internal void Restore(string endpointId, string owner, IReadOnlyList<PublishedPort> ports)
    {
        // A port of a routed network has no number on the host: there is nothing to keep from others.
        ports = [.. ports.Where(static port => port.HostPort != 0)];
        var held = new List<(PublishedPort, Fd)>();
        foreach (var port in ports)
        {
            if (PortReservation.TryReserve(IPAddress.Parse(port.HostAddress), port.HostPort, (byte)port.Protocol, out _) is { } reservation)
                held.Add((port, reservation.Socket));
        }
        if (ports.Count > 0)
            _held[endpointId] = new Holding(owner, ports, held);
    }

    /// <summary>Gives back what an endpoint has.</summary>
    internal void Release(string endpointId)
    {
        if (_held.TryRemove(endpointId, out var holding))
            holding.Sockets.ForEach(static held => held.Socket.Dispose());
    }

    /// <summary>The socket that reserves a port; null: it could not be reserved again after a restart, as whoever forwards it still has its own.</summary>
    internal Fd? SocketOf(string endpointId, PublishedPort port) =>
        _held.TryGetValue(endpointId, out var holding) ? holding.Sockets.FirstOrDefault(held => held.Port == port).Socket : null;

    private IEnumerable<PublishedPort> Reserve(HostPorts request, List<Fd> held)
    {
        var (first, last) = (request.Wanted.FirstHostPort, request.Wanted.LastHostPort);
        (IPAddress Address, ushort Port, Errno Error) failure = (IPAddress.None, 0, default);
        for (var attempt = 0; attempt < (first == 0 ? Attempts : last - first + 1); attempt++)
        {
            var wanted = first == 0 ? (ushort)0 : (ushort)(first + attempt);
            if (TryReserve(request, wanted, held, out var port, out failure))
                return request.Addresses.Select(address => new PublishedPort(request.Wanted.ContainerPort, request.Wanted.Protocol, address.ToString(), port));
            if (failure.Error != Errno.EADDRINUSE)
                break;
        }
        throw Refusal(request, failure.Address, failure.Port, failure.Error);
    }

    /// <summary>One port at all addresses, or at none.</summary>
    private bool TryReserve(HostPorts request, ushort port, List<Fd> held, out ushort reserved, out (IPAddress Address, ushort Port, Errno Error) failure)
    {
        var before = held.Count;
        (reserved, failure) = (port, (IPAddress.None, port, default));
        foreach (var address in request.Addresses)
        {
            var error = Errno.EADDRINUSE;
            if (OwnerOf(request.Wanted.Protocol, address, reserved) is null
                && PortReservation.TryReserve(address, reserved, (byte)request.Wanted.Protocol, out error) is { } reservation)
            {
                held.Add(reservation.Socket);
                reserved = reservation.Port;
                continue;
            }
            failure = (address, reserved, error);
            held.Skip(before).ToList().ForEach(static socket => socket.Dispose());
            held.RemoveRange(before, held.Count - before);
            return false;
        }
        return true;
    }

    private GantryException Refusal(HostPorts request, IPAddress address, ushort port, Errno error)
    {
        var at = address.AddressFamily == AddressFamily.InterNetwork ? $"{address}:{port}" : $"[{address}]:{port}";
        var protocol = request.Wanted.Protocol;
        var name = protocol.ToString().ToLowerInvariant();
        if (error == Errno.EPROTONOSUPPORT || error == Errno.ESOCKTNOSUPPORT)
            return GantryException.NotImplemented(
                $"cannot publish {at}/{name}: the kernel of this machine has no {name.ToUpperInvariant()} (its module is not there)");
        if (error != Errno.EADDRINUSE)
            return new GantryException(ErrorKind.System,
                $"failed to bind host port for {at}:{request.Container[address.AddressFamily] ?? request.Container.Version4}:{request.Wanted.ContainerPort}/{name}: {error.Description}");
        var whose = OwnerOf(protocol, address, port) is { } container ? $": the container {container} has it"
            : PortHolder.Find(protocol, address, port) is { } process ? $": the process {process} has it"
            : "";
        return new GantryException(ErrorKind.System, $"Bind for {at} failed: port is already allocated{whose}");
    }

    private string? OwnerOf(PortProtocol protocol, IPAddress address, ushort port) => _held.Values.FirstOrDefault(holding => holding.Ports.Any(published =>
        published.Protocol == protocol && published.HostPort == port && Meet(IPAddress.Parse(published.HostAddress), address)))?.Owner;

    private static bool Meet(IPAddress one, IPAddress other) => one.AddressFamily == other.AddressFamily
        && (one.Equals(other) || one.Equals(IPAddress.Any) || other.Equals(IPAddress.Any) || one.Equals(IPAddress.IPv6Any) || other.Equals(IPAddress.IPv6Any));

    private sealed record Holding(string Owner, IReadOnlyList<PublishedPort> Ports, List<(PublishedPort Port, Fd Socket)> Sockets);
}

/// <summary>A port that is wanted, and at which addresses of the host.</summary>
/// <param name="Wanted">The port.</param>
/// <param name="Addresses">The addresses, all of which get the same port.</param>
/// <param name="Container">The container's own addresses.</param>
internal sealed record HostPorts(PortRequest Wanted, IReadOnlyList<IPAddress> Addresses, EndpointAddresses Container);
