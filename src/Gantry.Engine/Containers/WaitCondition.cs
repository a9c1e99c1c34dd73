namespace Gantry.Engine.Containers;

/// <summary>What <see cref="ContainerWaiter"/> waits for (Engine API, <c>POST /containers/{id}/wait?condition=</c>).</summary>
public enum WaitCondition
{
    /// <summary><c>not-running</c>: returns at once for a container that does not run.</summary>
    NotRunning,

    /// <summary><c>next-exit</c>: the next end of its process, also of one not yet started.</summary>
    NextExit,

    /// <summary><c>removed</c>: the container is gone.</summary>
    Removed,
}
