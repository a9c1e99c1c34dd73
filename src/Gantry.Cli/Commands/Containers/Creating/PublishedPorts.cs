using System.Globalization;
using Gantry.Api.Model;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The values of <c>-p</c> and <c>--expose</c>: <c>[[ip:][hostPort[-end]]:]port[-end][/protocol]</c>.</summary>
internal sealed class PublishedPorts
{
    private readonly SortedDictionary<string, EmptyObject> _exposed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, IReadOnlyList<PortBinding>?> _bindings = new(StringComparer.Ordinal);

    /// <summary>All ports that the process listens on.</summary>
    public IReadOnlyDictionary<string, EmptyObject> Exposed => _exposed;

    /// <summary>Where ports are published on the host.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> Bindings => _bindings;

    /// <summary>Takes a value of <c>-p</c>.</summary>
    /// <exception cref="CommandException">It is no port.</exception>
    public void Publish(string text)
    {
        var (address, hostPort, port, protocol) = Split(text);
        if (port.Length == 0)
            throw new CommandException($"no port specified: {text}<empty>");
        var inside = ParseRange(port) ?? throw new CommandException($"invalid containerPort: {port}");
        (int First, int Last)? outside = hostPort.Length == 0 ? null : ParseRange(hostPort) ?? throw new CommandException($"invalid hostPort: {hostPort}");
        var spread = outside is { } range && inside.First == inside.Last && range.First != range.Last;
        if (outside is { } host && !spread && host.Last - host.First != inside.Last - inside.First)
            throw new CommandException($"invalid ranges specified for container and host Ports: {port} and {hostPort}");
        if (protocol is not ("tcp" or "udp" or "sctp"))
            throw new CommandException($"invalid proto: {protocol}");
        for (var number = inside.First; number <= inside.Last; number++)
        {
            // One port inside and a range outside: the daemon picks a free one of the range.
            var text2 = outside is not { } from ? "" : spread ? $"{from.First}-{from.Last}" : Number(from.First + number - inside.First);
            var key = $"{Number(number)}/{protocol}";
            _exposed[key] = EmptyObject.Value;
            _bindings[key] = [.. _bindings.GetValueOrDefault(key) ?? [], new PortBinding { HostIp = address, HostPort = text2 }];
        }
    }

    /// <summary>Takes a value of <c>--expose</c>.</summary>
    /// <exception cref="CommandException">It is no port.</exception>
    public void Expose(string text)
    {
        if (text.Contains(':', StringComparison.Ordinal))
            throw new CommandException($"invalid port format for --expose: {text}");
        var (port, protocol) = SplitProtocol(text);
        var range = ParseRange(port) ?? throw new CommandException($"invalid range format for --expose: {port}, error: {RangeProblem(port)}");
        for (var number = range.First; number <= range.Last; number++)
            _exposed[$"{Number(number)}/{protocol}"] = EmptyObject.Value;
    }

    private static string RangeProblem(string range)
    {
        if (range.Length == 0)
            return "empty string specified for ports";
        var wrong = range.Split('-', 2).FirstOrDefault(static end => !ushort.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out _));
        return wrong is null ? $"invalid range specified for port: {range}"
            : $"strconv.ParseUint: parsing \"{wrong}\": {(wrong.Length > 0 && wrong.All(char.IsAsciiDigit) ? "value out of range" : "invalid syntax")}";
    }

    private static (string Address, string HostPort, string Port, string Protocol) Split(string text)
    {
        var last = text.LastIndexOf(':');
        var (port, protocol) = SplitProtocol(text[(last + 1)..]);
        if (last < 0)
            return ("", "", port, protocol);
        var before = last == 0 ? -1 : text.LastIndexOf(':', last - 1);
        if (before < 0)
            return ("", text[..last], port, protocol);
        var address = text[..before];
        if (address.StartsWith('[') && address.EndsWith(']'))
            address = address[1..^1];
        if (address.Length > 0 && !FlagChecks.IsIpAddress(address))
            throw new CommandException($"invalid IP address: {address}");
        return (address, text[(before + 1)..last], port, protocol);
    }

    private static (string Port, string Protocol) SplitProtocol(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (text, "tcp") : (text[..slash], text.Length == slash + 1 ? "tcp" : text[(slash + 1)..].ToLowerInvariant());
    }

    private static (int First, int Last)? ParseRange(string text)
    {
        var dash = text.IndexOf('-', StringComparison.Ordinal);
        if (!TryNumber(dash < 0 ? text : text[..dash], out var first) || !TryNumber(dash < 0 ? text : text[(dash + 1)..], out var last))
            return null;
        return first <= last ? (first, last) : null;
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number is >= 0 and <= 65535;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
