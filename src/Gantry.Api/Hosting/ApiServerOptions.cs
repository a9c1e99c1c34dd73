using Gantry.Api.Policies;
using Gantry.Oci;

namespace Gantry.Api.Hosting;

/// <summary>How the API is served.</summary>
public sealed record ApiServerOptions
{
    /// <summary>Where to listen; at least one.</summary>
    public required IReadOnlyList<ListenAddress> Listen { get; init; }

    /// <summary>Group that owns unix sockets, name or number; null: the daemon's own. Their mode is 0660.</summary>
    public string? SocketGroup { get; init; }

    /// <summary>Version of the engine, for the header `Server: Gantry/VERSION (linux)`.</summary>
    public required string EngineVersion { get; init; }

    /// <summary>Finds a container by name or ID, for policies that depend on it; throws when there is none.</summary>
    public Func<string, PolicySubject> FindSubject { get; init; } = name => throw GantryException.NotFound($"No such container: {name}");

    /// <summary>TLS on TCP addresses; null: none.</summary>
    public ServerTls? Tls { get; init; }

    /// <summary>What a client may take.</summary>
    public ApiLimits Limits { get; init; } = new();

    /// <summary>How long streams may go on after the server was asked to stop.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(2);
}
