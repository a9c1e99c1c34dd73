using Gantry.Os;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Create;

/// <summary>A container's or an exec's process, ready to be spawned. Disposing it closes what was opened for it.</summary>
public sealed class ContainerLaunch : IDisposable
{
    private readonly IReadOnlyList<Fd> _owned;

    internal ContainerLaunch(ProcessProgram program, IReadOnlyList<Fd> descriptors, IReadOnlyList<Fd> owned) =>
        (Program, Descriptors, _owned) = (program, descriptors, owned);

    /// <summary>What the child does.</summary>
    public ProcessProgram Program { get; }

    /// <summary>What the program refers to by index.</summary>
    public IReadOnlyList<Fd> Descriptors { get; }

    /// <summary>The descriptors' numbers, for a spawner in this process.</summary>
    public int[] DescriptorNumbers => [.. Descriptors.Select(descriptor => descriptor.Number)];

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var descriptor in _owned)
            descriptor.Dispose();
    }
}
