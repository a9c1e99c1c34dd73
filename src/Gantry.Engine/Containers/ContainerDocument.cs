using Gantry.Api.Model;
using Gantry.Oci.Images;

namespace Gantry.Engine.Containers;

/// <summary>A container as written to its <c>container.json</c>: what must be the same after a crash.</summary>
internal sealed record ContainerDocument
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required DateTimeOffset Created { get; init; }

    public required string ImageId { get; init; }

    /// <summary>The topmost layer of the image, which its root filesystem is built on; null: the image has none.</summary>
    public string? RootLayer { get; init; }

    public required Platform Platform { get; init; }

    public required string Driver { get; init; }

    public required ContainerConfig Config { get; init; }

    public required HostConfig HostConfig { get; init; }

    public NetworkingConfig? Networking { get; init; }

    public IReadOnlyList<ContainerMount> Mounts { get; init; } = [];

    /// <summary>Volumes without a name of their own, made for this container: they go with it.</summary>
    public IReadOnlyList<string> AnonymousVolumes { get; init; } = [];
}
