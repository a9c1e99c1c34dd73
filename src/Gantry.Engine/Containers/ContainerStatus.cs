namespace Gantry.Engine.Containers;

/// <summary>Where a container is in its life; the names are those of the Engine API's <c>State.Status</c>, in lower case there.</summary>
public enum ContainerStatus
{
    /// <summary>Made, never started.</summary>
    Created,

    /// <summary>Its process runs.</summary>
    Running,

    /// <summary>Its process is frozen.</summary>
    Paused,

    /// <summary>Its process ended and the restart policy waits to start it again.</summary>
    Restarting,

    /// <summary>Its process ended.</summary>
    Exited,

    /// <summary>It is being removed.</summary>
    Removing,

    /// <summary>A removal failed half way; only another removal is possible.</summary>
    Dead,
}
