using System.Collections.Immutable;

namespace Gantry.EndToEnd.Tests.Durability;

/// <summary>What an engine was told to keep, at one moment: the durable objects, each with one property that was set.</summary>
internal sealed record DurableWorld
{
    /// <summary>Names of images.</summary>
    public ImmutableHashSet<string> Images { get; init; } = [];

    /// <summary>Containers by name, with their restart policies.</summary>
    public ImmutableDictionary<string, string> Containers { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Volumes by name, with the label <c>kept</c>.</summary>
    public ImmutableDictionary<string, string> Volumes { get; init; } = ImmutableDictionary<string, string>.Empty;

    public DurableWorld WithImage(string name) => this with { Images = Images.Add(name) };

    public DurableWorld WithoutImage(string name) => this with { Images = Images.Remove(name) };

    public DurableWorld WithContainer(string name, string policy = "no") => this with { Containers = Containers.SetItem(name, policy) };

    public DurableWorld WithoutContainer(string name) => this with { Containers = Containers.Remove(name) };

    public DurableWorld WithVolume(string name, string label) => this with { Volumes = Volumes.SetItem(name, label) };

    public DurableWorld WithoutVolume(string name) => this with { Volumes = Volumes.Remove(name) };
}
