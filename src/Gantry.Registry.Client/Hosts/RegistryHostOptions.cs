namespace Gantry.Registry.Client.Hosts;

/// <summary>What an administrator says about registries.</summary>
public sealed record RegistryHostOptions
{
    /// <summary>docker's folder of certificates and hosts.</summary>
    public const string DockerFolder = "/etc/docker/certs.d";

    /// <summary><c>insecure-registries</c>: hosts with or without port, and networks such as <c>10.0.0.0/8</c>.</summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary><c>registry-mirrors</c>: addresses of mirrors of docker.io, asked before it, in this order.</summary>
    public IReadOnlyList<string> RegistryMirrors { get; init; } = [];

    /// <summary>Folders with one folder for each <c>host[:port]</c>; the first that has one for a host counts.</summary>
    public IReadOnlyList<string> Folders { get; init; } = [DockerFolder];
}
