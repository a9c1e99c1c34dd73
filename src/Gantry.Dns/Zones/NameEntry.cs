using System.Net;

namespace Gantry.Dns.Zones;

/// <summary>What one host is called in a zone, and where it is.</summary>
/// <param name="Names">Its names; the first is what its addresses are called.</param>
/// <param name="Addresses">Its addresses, IPv4 and IPv6.</param>
/// <param name="Services">Its named ports.</param>
public sealed record NameEntry(IReadOnlyList<string> Names, IReadOnlyList<IPAddress> Addresses, IReadOnlyList<ServiceEntry> Services);

/// <summary>A named port of a host.</summary>
/// <param name="Name">The port's name.</param>
/// <param name="Protocol"><c>tcp</c> or <c>udp</c>.</param>
/// <param name="Port">The port.</param>
public sealed record ServiceEntry(string Name, string Protocol, ushort Port);
