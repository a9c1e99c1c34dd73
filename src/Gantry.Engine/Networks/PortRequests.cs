using System.Globalization;
using System.Net;
using Gantry.Api.Model;
using Gantry.Networking.Ports;
using Gantry.Oci;

namespace Gantry.Engine.Networks;

/// <summary>The ports of a container that are to be published, read from docker's texts: <c>80/tcp</c>, <c>8000-8010</c>.</summary>
internal static class PortRequests
{
    /// <summary>All of them: those bound, and with <c>-P</c> the other exposed ones.</summary>
    /// <exception cref="GantryException">A text is malformed (InvalidArgument).</exception>
    public static IReadOnlyList<PortRequest> Of(ContainerConfig config, HostConfig host)
    {
        var bound = (host.PortBindings ?? new Dictionary<string, IReadOnlyList<PortBinding>?>()).Where(entry => entry.Value is { Count: > 0 }).ToList();
        var requests = new List<PortRequest>();
        foreach (var (key, bindings) in bound)
        {
            var (port, protocol) = ParsePort(key);
            foreach (var binding in bindings!)
            {
                if (binding.HostIp.Length > 0 && !IPAddress.TryParse(binding.HostIp, out _))
                    throw GantryException.Invalid($"invalid IP address: {binding.HostIp}");
                var (first, last) = ParseRange(binding.HostPort);
                requests.Add(new PortRequest(port, protocol, binding.HostIp, first, last));
            }
        }
        if (!host.PublishAllPorts)
            return requests;
        var taken = bound.Select(entry => ParsePort(entry.Key)).ToHashSet();
        var open = (config.ExposedPorts?.Keys ?? []).SelectMany(ParseExposed).Where(exposed => !taken.Contains(exposed)).Order();
        requests.AddRange(open.Select(exposed => new PortRequest(exposed.Port, exposed.Protocol, "", 0, 0)));
        return requests;
    }

    /// <summary>The same ports once more, with the numbers that were given out where any number would have done.</summary>
    /// <param name="requests">What is wanted.</param>
    /// <param name="given">What was published so far.</param>
    public static IReadOnlyList<PortRequest> Again(IReadOnlyList<PortRequest> requests, IReadOnlyList<PublishedPort> given)
    {
        var left = given.ToList();
        var again = new List<PortRequest>();
        foreach (var request in requests)
        {
            var number = left.Find(port => port.ContainerPort == request.ContainerPort && port.Protocol == request.Protocol
                && (request.FirstHostPort == 0 || (port.HostPort >= request.FirstHostPort && port.HostPort <= request.LastHostPort)))?.HostPort;
            left.RemoveAll(port => port.ContainerPort == request.ContainerPort && port.Protocol == request.Protocol && port.HostPort == number);
            again.Add(number is { } known and not 0 ? request with { FirstHostPort = known, LastHostPort = known } : request);
        }
        return again;
    }

    /// <summary>Reads <c>80</c> or <c>80/udp</c>.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    public static (ushort Port, PortProtocol Protocol) ParsePort(string text)
    {
        var slash = text.IndexOf('/');
        var number = slash < 0 ? text : text[..slash];
        return TryPort(number, out var port) && port > 0 && Protocol(slash < 0 ? "tcp" : text[(slash + 1)..]) is { } protocol
            ? (port, protocol)
            : throw GantryException.Invalid($"invalid port specification: \"{(TryPort(number, out var known) && known > 0 ? text : number)}\"");
    }

    /// <summary>Reads what is exposed: <c>80</c>, <c>80/udp</c> or <c>9000-9002/tcp</c>.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    public static IEnumerable<(ushort Port, PortProtocol Protocol)> ParseExposed(string text)
    {
        var slash = text.IndexOf('/');
        var numbers = slash < 0 ? text : text[..slash];
        if (!numbers.Contains('-'))
            return [ParsePort(text)];
        var (first, last) = ParseRange(numbers);
        var (_, protocol) = ParsePort($"{first}{(slash < 0 ? "" : text[slash..])}");
        return Enumerable.Range(first, last - first + 1).Select(port => ((ushort)port, protocol));
    }

    private static (ushort First, ushort Last) ParseRange(string text)
    {
        if (text.Length == 0)
            return (0, 0);
        var dash = text.IndexOf('-');
        return TryPort(dash < 0 ? text : text[..dash], out var first) && TryPort(dash < 0 ? text : text[(dash + 1)..], out var last) && first <= last
            ? (first, last)
            : throw GantryException.Invalid($"invalid port specification: \"{text}\"");
    }

    private static bool TryPort(string text, out ushort port) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    private static PortProtocol? Protocol(string text) => text.ToLowerInvariant() switch
    {
        "tcp" => PortProtocol.Tcp,
        "udp" => PortProtocol.Udp,
        "sctp" => PortProtocol.Sctp,
        _ => null,
    };
}
