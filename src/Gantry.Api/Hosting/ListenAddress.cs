using System.Globalization;
using System.Net;
using Gantry.Api.Policies;
using Gantry.Oci;

namespace Gantry.Api.Hosting;

/// <summary>Where the API listens, as `--host` says it.</summary>
public abstract record ListenAddress
{
    private ListenAddress()
    {
    }

    /// <summary>What may be done there; null: everything.</summary>
    public SocketPolicy? Policy { get; init; }

    /// <summary>Group that owns a unix socket, name or number; null: the one of all sockets.</summary>
    public string? Group { get; init; }

    /// <summary>A unix socket.</summary>
    /// <param name="Path">Absolute path.</param>
    public sealed record Unix(string Path) : ListenAddress
    {
        /// <inheritdoc/>
        public override string ToString() => $"unix://{Path}";
    }

    /// <summary>A TCP address, without TLS.</summary>
    /// <param name="EndPoint">Address and port; port 0 takes a free one.</param>
    public sealed record Tcp(IPEndPoint EndPoint) : ListenAddress
    {
        /// <inheritdoc/>
        public override string ToString() => $"tcp://{EndPoint}";
    }

    /// <summary>The sockets that systemd has opened for this process (sd_listen_fds(3)).</summary>
    public sealed record Systemd : ListenAddress
    {
        /// <inheritdoc/>
        public override string ToString() => "fd://";
    }

    /// <summary>Reads `unix:///path`, `tcp://address[:port]` (port 2375 when absent) or `fd://`.</summary>
    /// <exception cref="GantryException">Another form (400).</exception>
    public static ListenAddress Parse(string text)
    {
        if (text.StartsWith("unix://", StringComparison.Ordinal) && text["unix://".Length..] is ['/', ..] path) return new Unix(path);
        if (text.StartsWith("tcp://", StringComparison.Ordinal)) return new Tcp(ParseEndPoint(text));
        if (text is "fd://" or "fd://*") return new Systemd();
        throw GantryException.Invalid($"listen on {text}: neither unix:///PATH nor tcp://ADDRESS:PORT nor fd://");
    }

    /// <summary>Reads `ADDRESS[,policy=POLICY][,group=GROUP]`.</summary>
    /// <exception cref="GantryException">Another form (400).</exception>
    public static ListenAddress ParseSocket(string text)
    {
        var parts = text.Split(',');
        var address = Parse(parts[0]);
        foreach (var option in parts.AsSpan(1))
        {
            address = option.Split('=', 2) switch
            {
                ["policy", var policy] => address with { Policy = SocketPolicy.Parse(policy) },
                ["group", var group] when address is Unix => address with { Group = group },
                _ => throw GantryException.Invalid($"socket {text}: \"{option}\" is neither policy=POLICY nor group=GROUP of a unix socket"),
            };
        }
        return address;
    }

    private static IPEndPoint ParseEndPoint(string text)
    {
        const int ClearTextPort = 2375;
        var rest = text["tcp://".Length..].TrimEnd('/');
        if (rest.StartsWith(':')) rest = "0.0.0.0" + rest;
        if (rest.StartsWith("localhost", StringComparison.Ordinal)) rest = "127.0.0.1" + rest["localhost".Length..];
        if (!IPEndPoint.TryParse(rest, out var endPoint)) throw GantryException.Invalid($"listen on {text}: not an IP address and port");
        var hasPort = rest.EndsWith(":" + endPoint.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        return hasPort ? endPoint : new IPEndPoint(endPoint.Address, ClearTextPort);
    }
}
