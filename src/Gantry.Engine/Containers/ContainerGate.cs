namespace Gantry.Engine.Containers;

/// <summary>Holds a container's <see cref="Container.Gate"/> until disposed.</summary>
internal readonly struct ContainerGate : IDisposable
{
    private readonly SemaphoreSlim _gate;

    private ContainerGate(SemaphoreSlim gate) => _gate = gate;

    public static async Task<ContainerGate> EnterAsync(Container container, CancellationToken cancellation = default)
    {
        await container.Gate.WaitAsync(cancellation);
        return new ContainerGate(container.Gate);
    }

    public void Dispose() => _gate.Release();
}
