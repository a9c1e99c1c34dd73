using Gantry.Oci;

namespace Gantry.Client.Connections;

/// <summary>Where a daemon listens, as <c>--host</c> and <c>DOCKER_HOST</c> give it.</summary>
/// <param name="Text">The address as it was given, e.g. <c>unix:///run/gantry/gantry.sock</c>.</param>
/// <param name="SocketPath">The path of a unix socket, or null for TCP.</param>
/// <param name="Host">The host name or IP address for TCP, else empty.</param>
/// <param name="Port">The TCP port, else 0.</param>
public sealed record EngineAddress(string Text, string? SocketPath, string Host, int Port)
{
    /// <summary>The user's name of an <c>ssh://</c> address; empty for the one that ssh chooses.</summary>
    public string User { get; init; } = "";

    /// <summary>Whether it is reached through ssh.</summary>
    public bool IsSsh { get; init; }

    /// <summary>The port of a <c>tcp://</c> address that names none and uses no TLS.</summary>
    public const int DefaultPort = 2375;

    /// <summary>The port of a <c>tcp://</c> address that names none and uses TLS.</summary>
    public const int DefaultTlsPort = 2376;

    /// <summary>Reads <c>unix://PATH</c>, <c>tcp://HOST[:PORT]</c>, <c>ssh://[USER@]HOST[:PORT]</c>, <c>http://…</c> or <c>https://…</c>.</summary>
    /// <param name="text">The address.</param>
    /// <param name="tls">Whether TLS will be spoken: it decides the default port.</param>
    /// <exception cref="GantryException">The scheme is unknown, or the port is no number.</exception>
    public static EngineAddress Parse(string text, bool tls = false)
    {
        var end = text.IndexOf("://", StringComparison.Ordinal);
        if (end < 0)
            throw GantryException.Invalid($"unable to parse docker host `{text}`");
        var rest = text[(end + 3)..];
        return text[..end] switch
        {
            "unix" => new EngineAddress(text, rest.Length > 0 ? rest : "/run/gantry/gantry.sock", "", 0),
            "tcp" or "http" or "https" => ParseTcp(text, rest, tls),
            "ssh" => ParseSsh(text),
            _ => throw GantryException.Invalid($"invalid bind address format: {text}"),
        };
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static EngineAddress ParseSsh(string text)
    {
        // Whatever looks like a flag would be one of ssh's own.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0 || uri.Host[0] == '-' || uri.UserInfo.StartsWith('-'))
            throw GantryException.Invalid($"unable to parse docker host `{text}`: no host");
        if (uri.UserInfo.Contains(':', StringComparison.Ordinal))
            throw GantryException.Invalid($"ssh host connection is not valid: plain-text password is not supported");
        if (uri.AbsolutePath is not ("" or "/"))
            throw GantryException.Invalid($"ssh host connection is not valid: extra path after the host: \"{uri.AbsolutePath}\"");
        return new EngineAddress(text, null, uri.Host, Math.Max(uri.Port, 0)) { User = uri.UserInfo, IsSsh = true };
    }

    private static EngineAddress ParseTcp(string text, string rest, bool tls)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && rest.Length > slash + 1)
            throw GantryException.Invalid($"unable to parse docker host `{text}`: a path is not supported");
        var authority = slash >= 0 ? rest[..slash] : rest;
        var colon = authority.LastIndexOf(':');
        // An IPv6 address without a port ends with its bracket.
        if (colon < 0 || authority.EndsWith(']'))
            return new EngineAddress(text, null, Unbracket(authority), tls ? DefaultTlsPort : DefaultPort);
        return int.TryParse(authority.AsSpan(colon + 1), out var port) && port is > 0 and < 65536
            ? new EngineAddress(text, null, Unbracket(authority[..colon]), port)
            : throw GantryException.Invalid($"unable to parse docker host `{text}`: invalid port");
    }

    private static string Unbracket(string host) =>
        host.Length == 0 ? "localhost" : host[0] == '[' && host[^1] == ']' ? host[1..^1] : host;
}
