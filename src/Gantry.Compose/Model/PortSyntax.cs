using System.Globalization;
using System.Net;
using Gantry.Compose.Values;

namespace Gantry.Compose.Model;

/// <summary>The short form of ports: <c>[[host:]published:]target[/protocol]</c>, each of them a number or a range.</summary>
internal static class PortSyntax
{
    /// <summary>The long forms of a short one, sorted by target as text.</summary>
    /// <exception cref="ComposeException">It is malformed.</exception>
    public static List<MapValue> Parse(string text, Position at)
    {
        var slash = text.LastIndexOf('/');
        var protocol = slash < 0 ? "tcp" : text[(slash + 1)..];
        var rest = slash < 0 ? text : text[..slash];
        if (slash == 0)
            throw new ComposeException($"no port specified: {text}<empty>");
        if (protocol.Length == 0)
            protocol = "tcp";
        if (protocol.ToLowerInvariant() is not ("tcp" or "udp" or "sctp"))
            throw new ComposeException($"invalid proto: {protocol}");
        var (host, published, target) = Split(rest);
        if (target.Length == 0)
            throw new ComposeException($"no port specified: {text}<empty>");
        CheckHost(ref host);
        var (first, last) = Range(target) ?? throw new ComposeException($"invalid containerPort: {target}");
        var (hostFirst, hostLast) = published.Length == 0 ? (0, 0) : Range(published) ?? throw new ComposeException($"invalid hostPort: {published}");
        var isRange = hostLast != hostFirst;
        // One port of the container may be published on any port of a range; otherwise both ranges have the same length.
        if (published.Length > 0 && last - first != hostLast - hostFirst && last != first)
            throw new ComposeException($"invalid ranges specified for container and host Ports: {target} and {published}");

        var ports = new List<(string Key, MapValue Port)>();
        for (var offset = 0; offset <= last - first; offset++)
        {
            var port = new MapValue(at);
            port["mode"] = ScalarValue.Of("ingress", at);
            if (host.Length > 0)
                port["host_ip"] = ScalarValue.Of(host, at);
            port["target"] = ScalarValue.Of(first + offset, at);
            if (published.Length > 0)
                port["published"] = ScalarValue.Of(last == first && isRange ? published : (hostFirst + offset).ToString(CultureInfo.InvariantCulture), at);
            port["protocol"] = ScalarValue.Of(protocol.ToLowerInvariant(), at);
            ports.Add(($"{first + offset}/{protocol}", port));
        }
        return [.. ports.OrderBy(static port => port.Key, StringComparer.Ordinal).Select(static port => port.Port)];
    }

    private static (string Host, string Published, string Target) Split(string text)
    {
        var last = text.LastIndexOf(':');
        if (last < 0)
            return ("", "", text);
        var target = text[(last + 1)..];
        var rest = text[..last];
        var middle = rest.LastIndexOf(':');
        return middle < 0 ? ("", rest, target) : (rest[..middle], rest[(middle + 1)..], target);
    }

    private static void CheckHost(ref string host)
    {
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            throw new ComposeException($"invalid IP address {host}: an IPv6 address stands in square brackets");
        if (host.Length > 0 && !IPAddress.TryParse(host, out _))
            throw new ComposeException($"invalid IP address: {host}");
    }

    private static (long First, long Last)? Range(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (!TryPort(dash < 0 ? text : text[..dash], out var first))
            return null;
        if (dash < 0)
            return (first, first);
        return TryPort(text[(dash + 1)..], out var last) && last >= first ? (first, last) : null;
    }

    private static bool TryPort(string text, out long port) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue;
}
