using System.Net;

namespace Gantry.Registry.Client.Transport;

/// <summary>
/// Proxies as users write them: <c>http://user:password@proxy:3128</c>, <c>socks5://proxy</c>; the scheme may be left out.
/// </summary>
public sealed record ProxyOptions
{
    /// <summary>The proxy of plain HTTP, or null.</summary>
    public string? Http { get; init; }

    /// <summary>The proxy of HTTPS, or null.</summary>
    public string? Https { get; init; }

    /// <summary>
    /// What is reached directly: names with their subdomains, <c>.domain</c>, addresses, networks, each with or without port; <c>*</c>
    /// is everything.
    /// </summary>
    public string? Exceptions { get; init; }

    /// <summary>HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in capitals or not.</summary>
    public static ProxyOptions FromEnvironment() => new()
    {
        Http = Variable("HTTP_PROXY"),
        Https = Variable("HTTPS_PROXY"),
        Exceptions = Variable("NO_PROXY"),
    };

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value
            : Environment.GetEnvironmentVariable(name.ToLowerInvariant());
}

/// <summary>
/// Which proxy leads to an address, by the rules that other container tools follow. This machine is always reached directly.
/// </summary>
internal sealed class ProxySettings : IWebProxy, ICredentials
{
    private readonly Uri? _http;
    private readonly Uri? _https;
    private readonly string[] _exceptions;

    internal ProxySettings(ProxyOptions options)
    {
        _http = Parse(options.Http);
        _https = Parse(options.Https);
        _exceptions = (options.Exceptions ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries);
    }

    public ICredentials? Credentials { get => this; set => throw new NotSupportedException(); }

    public Uri? GetProxy(Uri destination) =>
        IsDirect(destination) ? null : destination.Scheme == Uri.UriSchemeHttps ? _https : _http;

    public bool IsBypassed(Uri host) => GetProxy(host) is null;

    public NetworkCredential? GetCredential(Uri uri, string authType)
    {
        var proxy = new[] { _http, _https }.FirstOrDefault(candidate =>
            candidate?.Authority == uri.Authority && candidate.UserInfo.Length > 0);
        if (proxy is null)
            return null;
        var parts = proxy.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    private bool IsDirect(Uri destination)
    {
        var host = destination.IdnHost.Trim('[', ']');
        var address = IPAddress.TryParse(host, out var parsed) ? parsed : null;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (address is not null && IPAddress.IsLoopback(address))
            || Array.Exists(_exceptions, exception => Matches(exception, host, address, destination.Port));
    }

    private static bool Matches(string exception, string host, IPAddress? address, int port)
    {
        if (exception == "*")
            return true;
        if (IPNetwork.TryParse(exception, out var network))
            return address is not null && network.BaseAddress.AddressFamily == address.AddressFamily && network.Contains(address);
        if (IPAddress.TryParse(exception, out var excepted))
            return excepted.Equals(address);
        var colon = exception.LastIndexOf(':');
        if (colon > 0 && int.TryParse(exception.AsSpan(colon + 1), out var exceptedPort))
        {
            if (exceptedPort != port)
                return false;
            exception = exception[..colon];
        }
        if (address is not null)
            return IPAddress.TryParse(exception, out excepted) && excepted.Equals(address);
        var name = exception.TrimStart('*');
        return name.StartsWith('.')
            ? host.EndsWith(name, StringComparison.OrdinalIgnoreCase)
            : host.Equals(name, StringComparison.OrdinalIgnoreCase) || host.EndsWith("." + name, StringComparison.OrdinalIgnoreCase);
    }

    private static Uri? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return Uri.TryCreate(text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text, UriKind.Absolute, out var uri)
            && uri.Scheme is "http" or "https" or "socks4" or "socks4a" or "socks5"
                ? uri
                : throw Oci.GantryException.Invalid($"invalid proxy \"{text}\": use an address such as http://proxy.example.com:3128");
    }
}
