using Gantry.Oci.Images;

namespace Gantry.Cli.Credentials;

/// <summary>The addresses that credentials are kept under: host and port, but docker's own registry by the URL of its former index.</summary>
internal static class RegistryAddress
{
    /// <summary>The address of docker's own registry.</summary>
    public const string DockerHub = "https://index.docker.io/v1/";

    /// <summary>The registry of an image.</summary>
    public static string Of(ImageReference image) => image.Domain == ImageReference.DefaultDomain ? DockerHub : image.Domain;

    /// <summary>The registry that a user names; empty for docker's own.</summary>
    public static string Of(string server) => server is "" or ImageReference.DefaultDomain or DockerHub ? DockerHub : HostOf(server);

    /// <summary>Host and port of an address, which may be a whole URL.</summary>
    public static string HostOf(string address)
    {
        foreach (var scheme in (ReadOnlySpan<string>)["http://", "https://"])
            if (address.StartsWith(scheme, StringComparison.Ordinal))
                address = address[scheme.Length..];
        var slash = address.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? address : address[..slash];
    }
}
