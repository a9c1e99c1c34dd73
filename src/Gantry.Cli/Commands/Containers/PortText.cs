using System.Globalization;
using Gantry.Api.Model;

namespace Gantry.Cli.Commands.Containers;

/// <summary>The ports of a container as <c>ps</c> shows them: neighbours are drawn together, e.g. <c>0.0.0.0:80-82-&gt;80-82/tcp</c>.</summary>
internal static class PortText
{
    /// <summary>Formats all ports.</summary>
    public static string Format(IReadOnlyList<PortSummary> ports)
    {
        if (ports.Count == 0)
            return "";
        var sorted = ports.OrderBy(static port => port.PrivatePort).ThenBy(static port => port.IP ?? "", StringComparer.Ordinal)
            .ThenBy(static port => port.PublicPort).ThenBy(static port => port.Type, StringComparer.Ordinal);
        var open = new List<PortRange>();
        var apart = new List<string>();
        foreach (var port in sorted)
        {
            var ip = port.IP ?? "";
            // A port that is published under another number stands for itself.
            if (ip.Length > 0 && port.PublicPort != port.PrivatePort)
            {
                apart.Add($"{Bracket(ip)}:{Number(port.PublicPort)}->{Number(port.PrivatePort)}/{port.Type}");
                continue;
            }
            var range = open.Find(range => range.Ip == ip && range.Type == port.Type && range.Last == port.PrivatePort - 1);
            if (range is null)
                open.Add(new PortRange(ip, port.Type, port.PrivatePort));
            else
                range.Last = port.PrivatePort;
        }
        var texts = open.OrderBy(static range => range.First).ThenBy(static range => range.Ip, StringComparer.Ordinal)
            .ThenBy(static range => range.Type, StringComparer.Ordinal)
            .Select(static range => range.ToString());
        return string.Join(", ", texts.Concat(apart));
    }

    private static string Bracket(string ip) => ip.Contains(':', StringComparison.Ordinal) ? $"[{ip}]" : ip;

    private static string Number(int port) => port.ToString(CultureInfo.InvariantCulture);

    private sealed class PortRange(string ip, string type, int first)
    {
        public string Ip { get; } = ip;

        public string Type { get; } = type;

        public int First { get; } = first;

        public int Last { get; set; } = first;

        public override string ToString()
        {
            var ports = First == Last ? Number(First) : $"{Number(First)}-{Number(Last)}";
            return Ip.Length == 0 ? $"{ports}/{Type}" : $"{Bracket(Ip)}:{ports}->{ports}/{Type}";
        }
    }
}
