using Gantry.Os;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Keeper;

/// <summary>A process to start.</summary>
public sealed record SpawnRequest
{
    /// <summary>Its ID, unique among the processes the keeper holds.</summary>
    public required string Id { get; init; }

    /// <summary>
    /// Compiles its program, given the child's ends of its standard streams (which are closed here afterwards). Called once.
    /// </summary>
    public required Func<ProcessStreams, ContainerLaunch> Compile { get; init; }

    /// <summary>How its standard streams are made.</summary>
    public StdioRequest Stdio { get; init; } = new();

    /// <summary>
    /// The instance of devpts in which its terminal is opened, if it gets one: the root directory of the container's, borrowed until the
    /// request is done; null: the host's.
    /// </summary>
    public Fd? Terminals { get; init; }

    /// <summary>Its log; null: output is only seen by attached clients.</summary>
    public LogRequest? Log { get; init; }

    /// <summary>Clients that see it from its first byte. Their sockets are taken, also when the request fails.</summary>
    public IReadOnlyList<AttachEnd> Attached { get; init; } = [];

    /// <summary>An existing folder for the documents <c>process.json</c> and <c>exit</c>; null: they are not written.</summary>
    public string? StateFolder { get; init; }
}

/// <summary>Where the keeper is.</summary>
public sealed record KeeperOptions
{
    /// <summary>The program <c>gantry-runtime</c>.</summary>
    public required string RuntimeBinary { get; init; }

    /// <summary>The engine's run folder: the keeper's socket, lock and <c>keeper.log</c> lie in it.</summary>
    public required string RunFolder { get; init; }

    /// <summary>How long the keeper stays with nothing to hold and no daemon connected.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(10);
}
