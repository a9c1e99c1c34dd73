using Gantry.Api.Model;
using Gantry.Oci;
using Gantry.Runtime.NetHelper;

namespace Gantry.Engine.Networks;

/// <summary>
/// The ports of a container that SRV questions find (RFC 2782): each exposed one by its number (<c>_80._tcp.web</c>), and by the names that labels
/// give: <c>gantry.port.http=80</c> or <c>gantry.port.dns=53/udp</c> (<c>_http._tcp.web</c>).
/// </summary>
internal static class NamedPorts
{
    private const string Label = "gantry.port.";

    /// <summary>The longest name of a service (RFC 6335, 5.1).</summary>
    private const int LongestName = 15;

    /// <exception cref="GantryException">A label is malformed (InvalidArgument).</exception>
    public static IReadOnlyList<NamedPort> Of(ContainerConfig config) =>
        [.. (config.ExposedPorts?.Keys ?? []).SelectMany(PortRequests.ParseExposed).Select(static port => New($"{port.Port}", port)), .. OfLabels(config)];

    private static IEnumerable<NamedPort> OfLabels(ContainerConfig config)
    {
        foreach (var (key, value) in config.Labels ?? new Dictionary<string, string>())
        {
            if (!key.StartsWith(Label, StringComparison.Ordinal))
                continue;
            var name = key[Label.Length..];
            if (name.Length is 0 or > LongestName || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'))
                throw GantryException.Invalid($"invalid label {key}: the name of a port has up to {LongestName} letters, digits and hyphens");
            yield return New(name, PortRequests.ParsePort(value));
        }
    }

    private static NamedPort New(string name, (ushort Port, Networking.Ports.PortProtocol Protocol) port) =>
        new(name, port.Protocol.ToString().ToLowerInvariant(), port.Port);
}
