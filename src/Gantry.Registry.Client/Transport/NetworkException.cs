using System.Net.Sockets;
using System.Security.Authentication;

namespace Gantry.Registry.Client.Transport;

/// <summary>There was no answer to a request; the message is the one that docker prints.</summary>
internal sealed class NetworkException : IOException
{
    private NetworkException(string message, Exception cause, bool connected) : base(message, cause) => WasConnected = connected;

    /// <summary>False when there was not even a connection: refused, an unknown name, a certificate that is not trusted.</summary>
    internal bool WasConnected { get; }

    internal static NetworkException Create(HttpMethod method, Uri address, Exception error)
    {
        var (text, connected) = Explain(error, address);
        var verb = method.Method[0] + method.Method[1..].ToLowerInvariant();
        return new NetworkException($"{verb} \"{address.GetLeftPart(UriPartial.Path)}\": {text}", error, connected);
    }

    private static (string Text, bool Connected) Explain(Exception error, Uri address)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case PlainTextAnswerException plain:
                    return (plain.Message, false);
                case AuthenticationException { InnerException: null } refused:
                    return (refused.Message, false);
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain }:
                    return ($"dial tcp: lookup {address.IdnHost}: no such host", false);
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return ($"dial tcp {address.IdnHost}:{address.Port}: connect: connection refused", false);
                case SocketException { SocketErrorCode: SocketError.HostUnreachable or SocketError.NetworkUnreachable } unreachable:
                    return ($"dial tcp {address.IdnHost}:{address.Port}: {unreachable.Message}", false);
            }
        }
        var connecting = error is HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError };
        return (error.InnerException is { } inner && error is HttpRequestException ? $"{error.Message} {inner.Message}".TrimEnd()
            : error.Message, !connecting);
    }
}
