namespace Gantry.Api.Model;

/// <summary>Answer of `GET /gantry/containers/{id}/why`, which docker does not have.</summary>
public sealed record ReachabilityResponse
{
    /// <summary>All ways to the container.</summary>
    public IReadOnlyList<ReachabilityWay> Ways { get; set => field = value ?? []; } = [];
}

/// <summary>One way to a container from one kind of place.</summary>
public sealed record ReachabilityWay
{
    /// <summary>`Host`, `SameNetwork`, `OtherNetwork`, `LocalMachine` or `RemoteMachine`.</summary>
    public string From { get; set; } = "";

    /// <summary>The network's name.</summary>
    public string Network { get; set; } = "";

    /// <summary>The address that is connected to.</summary>
    public string Address { get; set; } = "";

    /// <summary>The port there; 0: all.</summary>
    public int Port { get; set; }

    /// <summary>The protocol; empty: all.</summary>
    public string Protocol { get; set; } = "";

    /// <summary>Whether the container is reached.</summary>
    public bool IsOpen { get; set; }

    /// <summary>The rule that decides.</summary>
    public string Rule { get; set; } = "";

    /// <summary>Why, in words.</summary>
    public string Reason { get; set; } = "";
}
