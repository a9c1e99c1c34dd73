using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Gantry;

/// <summary>Tells systemd how the daemon is (sd_notify(3)): datagrams to the socket that NOTIFY_SOCKET names; nothing without one.</summary>
internal static class SystemdNotifier
{
    /// <summary>It answers requests, also again after a reload.</summary>
    public static void Ready() => Send("READY=1");

    /// <summary>It reads its settings anew.</summary>
    public static void Reloading()
    {
        // The time by which systemd tells one reload from another, in microseconds of CLOCK_MONOTONIC.
        var now = Environment.TickCount64 * 1000;
        Send(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={now}"));
    }

    /// <summary>It ends.</summary>
    public static void Stopping() => Send("STOPPING=1");

    private static void Send(string message)
    {
        if (Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is not { Length: > 1 } name)
            return;
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        try
        {
            // A name that begins with @ is one of the abstract namespace.
            socket.Connect(new UnixDomainSocketEndPoint(name[0] == '@' ? '\0' + name[1..] : name));
            socket.Send(Encoding.UTF8.GetBytes(message));
        }
        catch (SocketException)
        {
            // Whoever started it does not listen: the daemon works all the same.
        }
    }
}
