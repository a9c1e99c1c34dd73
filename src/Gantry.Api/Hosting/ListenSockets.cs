using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Gantry.Oci;
using Microsoft.AspNetCore.Connections;

namespace Gantry.Api.Hosting;

/// <summary>Makes the sockets that Kestrel accepts from.</summary>
internal static class ListenSockets
{
    /// <summary>
    /// Makes a bound socket that does not listen yet. A unix socket gets mode and group before anybody can connect to it, which leaves no
    /// moment in which others may.
    /// </summary>
    public static Socket Bind(EndPoint endPoint, int? group)
    {
        switch (endPoint)
        {
            case FileHandleEndPoint inherited:
                return new Socket(new SafeSocketHandle((nint)inherited.FileHandle, ownsHandle: true));
            case UnixDomainSocketEndPoint unix:
                return BindUnix(unix, group);
            default:
                var socket = new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                if (endPoint is IPEndPoint { Address: var address } && address.Equals(IPAddress.IPv6Any)) socket.DualMode = true;
                socket.Bind(endPoint);
                return socket;
        }
    }

    /// <summary>The sockets handed over by systemd, by sd_listen_fds(3)'s rules: descriptors from 3 on, if meant for this process.</summary>
    /// <exception cref="GantryException">There are none.</exception>
    public static IEnumerable<ulong> FromSystemd()
    {
        var process = Environment.GetEnvironmentVariable("LISTEN_PID");
        var count = Environment.GetEnvironmentVariable("LISTEN_FDS");
        if (process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)
            || !int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptors) || descriptors == 0)
            throw GantryException.Invalid("listen on fd://: systemd handed over no sockets (LISTEN_PID, LISTEN_FDS)");
        const ulong First = 3;
        return Enumerable.Range(0, descriptors).Select(i => First + (ulong)i);
    }

    private static Socket BindUnix(UnixDomainSocketEndPoint endPoint, int? group)
    {
        var path = endPoint.ToString()!;
        RemoveStale(path);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(endPoint);
            const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
            File.SetUnixFileMode(path, Mode);
            if (group is { } gid) SocketGroup.Give(path, gid);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A socket file on which nobody listens was left by a daemon that was killed; one that answers belongs to another daemon.</summary>
    private static void RemoveStale(string path)
    {
        if (!File.Exists(path)) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }
        throw GantryException.Conflict($"listen on unix://{path}: another daemon answers there");
    }
}
