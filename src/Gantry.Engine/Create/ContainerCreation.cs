using Gantry.Api.Model;

namespace Gantry.Engine.Create;

/// <summary>What a user asks to be created.</summary>
public sealed record ContainerCreation
{
    /// <summary>The ID, 64 hexadecimal digits that no container has; null: one is made up.</summary>
    public string? Id { get; init; }

    /// <summary>The name; null: one is made up.</summary>
    public string? Name { get; init; }

    /// <summary>The part that could move to another host.</summary>
    public required ContainerConfig Config { get; init; }

    /// <summary>The part that belongs to this host.</summary>
    public required HostConfig HostConfig { get; init; }

    /// <summary>Networks to connect to.</summary>
    public NetworkingConfig? Networking { get; init; }

    /// <summary>A hardware address for the network of the network mode; empty: none is asked for.</summary>
    public string MacAddress { get; init; } = "";

    /// <summary>The platform the image must have, e.g. <c>linux/amd64</c>; null: any.</summary>
    public string? Platform { get; init; }

    /// <summary>Fills the writable layer, the snapshot of the key that it gets, before the container exists; null: it is empty at first.</summary>
    public Func<string, Task>? FillRoot { get; init; }
}

/// <summary>A container that was created.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Warnings">What the user should know about it.</param>
public sealed record CreatedContainer(string Id, IReadOnlyList<string> Warnings);
