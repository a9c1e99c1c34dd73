using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gantry.Oci;

namespace Gantry.Engine.Logs.Shipping;

/// <summary>Where a receiver listens: <c>udp://HOST[:PORT]</c>, <c>tcp://HOST[:PORT]</c>, <c>unix:///PATH</c> or <c>unixgram:///PATH</c>.</summary>
/// <param name="Protocol">The scheme.</param>
/// <param name="Host">Host name, address, or the path of a socket.</param>
/// <param name="Port">The port; 0 for sockets of the file system.</param>
internal sealed record LogAddress(string Protocol, string Host, int Port)
{
    /// <summary>Whether each send is a message of its own.</summary>
    public bool IsDatagram => Protocol is "udp" or "unixgram";

    /// <exception cref="GantryException">It is malformed, or of a protocol that is not among <paramref name="protocols"/> (InvalidArgument).</exception>
    public static LogAddress Parse(string text, int defaultPort, params ReadOnlySpan<string> protocols)
    {
        var separator = text.IndexOf("://", StringComparison.Ordinal);
        var protocol = separator < 0 ? "" : text[..separator];
        if (!protocols.Contains(protocol))
            throw GantryException.Invalid(
                $"invalid address \"{text}\" in log options: use {string.Join(" or ", protocols.ToArray().Select(known => known + "://"))}");
        var rest = text[(separator + 3)..];
        if (protocol is "unix" or "unixgram")
            return rest.StartsWith('/') ? new LogAddress(protocol, rest, 0)
                : throw GantryException.Invalid($"invalid address \"{text}\" in log options: the path must be absolute");
        var colon = rest.LastIndexOf(':');
        var hasPort = colon >= 0 && !rest.EndsWith(']');
        var host = (hasPort ? rest[..colon] : rest).Trim('[', ']');
        var port = defaultPort;
        if (host.Length == 0
            || (hasPort && (!int.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535)))
            throw GantryException.Invalid($"invalid address \"{text}\" in log options: a host, and a port from 1 to 65535");
        return new LogAddress(protocol, host, port);
    }

    /// <summary>A connected socket.</summary>
    /// <exception cref="SocketException">Nobody answers there.</exception>
    public async Task<Socket> ConnectAsync(CancellationToken cancellation)
    {
        EndPoint end = Protocol is "unix" or "unixgram" ? new UnixDomainSocketEndPoint(Host) : new DnsEndPoint(Host, Port);
        var socket = Protocol switch
        {
            "unix" => new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified),
            "unixgram" => new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified),
            "udp" => new Socket(SocketType.Dgram, ProtocolType.Udp),
            _ => new Socket(SocketType.Stream, ProtocolType.Tcp),
        };
        try
        {
            await socket.ConnectAsync(end, cancellation);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
