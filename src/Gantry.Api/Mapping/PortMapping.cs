using System.Globalization;
using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Networking.Ports;

namespace Gantry.Api.Mapping;

/// <summary>The ports of a running container on the wire: which are exposed, and where they are published.</summary>
internal static class PortMapping
{
    /// <summary>By docker's name of the port; null where it is only exposed.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<PortBinding>?> ToBindings(Container container)
    {
        var ports = new SortedDictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal);
        foreach (var exposed in (container.Config.ExposedPorts?.Keys ?? []).SelectMany(Exposed)) ports[exposed] = null;
        foreach (var group in Published(container).GroupBy(NameOf)) ports[group.Key] = [.. group.Select(ToBinding)];
        return ports;
    }

    /// <summary>As rows of a list: those published, then those only exposed.</summary>
    public static IReadOnlyList<PortSummary> ToRows(Container container)
    {
        if (!container.State.IsRunning || container.HostConfig.NetworkMode == "host") return [];
        var rows = new List<PortSummary>();
        foreach (var (name, bindings) in ToBindings(container))
        {
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var row = new PortSummary { PrivatePort = int.Parse(name.AsSpan(0, slash), CultureInfo.InvariantCulture), Type = name[(slash + 1)..] };
            if (bindings is null) rows.Add(row);
            else rows.AddRange(
                bindings.Select(binding => row with { IP = binding.HostIp, PublicPort = int.Parse(binding.HostPort, CultureInfo.InvariantCulture) }));
        }
        return rows;
    }

    // A range stands for each of its ports.
    private static IEnumerable<string> Exposed(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var (numbers, protocol) = slash < 0 ? (text, "/tcp") : (text[..slash], text[slash..]);
        var dash = numbers.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0) return [numbers + protocol];
        var first = int.Parse(numbers.AsSpan(0, dash), CultureInfo.InvariantCulture);
        return Enumerable.Range(first, int.Parse(numbers.AsSpan(dash + 1), CultureInfo.InvariantCulture) - first + 1).Select(port => $"{port}{protocol}");
    }

    private static IEnumerable<PublishedPort> Published(Container container) => container.Endpoints.SelectMany(endpoint => endpoint.Ports);

    private static string NameOf(PublishedPort port) => $"{port.ContainerPort}/{port.Protocol.ToString().ToLowerInvariant()}";

    private static PortBinding ToBinding(PublishedPort port) => new() { HostIp = port.HostAddress, HostPort = $"{port.HostPort}" };
}
