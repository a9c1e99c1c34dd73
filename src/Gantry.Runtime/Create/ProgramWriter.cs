using Gantry.Os;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Create;

/// <summary>A program being written, with the descriptors it refers to. Those opened for it are closed unless it is finished.</summary>
internal sealed class ProgramWriter : IDisposable
{
    private readonly List<Fd> _descriptors = [];
    private readonly List<Fd> _owned = [];
    private bool _finished;

    /// <summary>The container's root directory.</summary>
    internal static readonly ProgramSlot Root = new(0);

    /// <summary>What was opened last, to be mounted on or used.</summary>
    internal static readonly ProgramSlot Target = new(1);

    /// <summary>Directories on the way to what is being made.</summary>
    internal static readonly ProgramSlot Parent = new(2);

    /// <summary>A mount that is about to be attached.</summary>
    internal static readonly ProgramSlot Mount = new(3);

    /// <summary>A socket for a configuration of the network.</summary>
    internal static readonly ProgramSlot Socket = new(4);

    /// <summary>The standard streams, out of the way of numbers 0 to 2.</summary>
    internal static readonly ProgramSlot[] Streams = [new(5), new(6), new(7)];

    /// <summary>The container's procfs, once it is mounted.</summary>
    internal static readonly ProgramSlot Proc = new(9);

    /// <summary>The container's sysfs, once it is mounted.</summary>
    internal static readonly ProgramSlot Sys = new(10);

    /// <summary>The builder.</summary>
    internal ProcessProgramBuilder Builder { get; } = new();

    /// <summary>Refers to a descriptor that belongs to somebody else.</summary>
    internal ProgramDescriptor Use(Fd descriptor)
    {
        _descriptors.Add(descriptor);
        return new ProgramDescriptor(_descriptors.Count - 1);
    }

    /// <summary>Refers to a descriptor that was opened for this program.</summary>
    internal ProgramDescriptor Own(Fd descriptor)
    {
        _owned.Add(descriptor);
        return Use(descriptor);
    }

    /// <summary>The finished launch, which owns what was opened.</summary>
    internal ContainerLaunch Finish()
    {
        var launch = new ContainerLaunch(Builder.Build(), _descriptors, _owned);
        _finished = true;
        return launch;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_finished)
            return;
        foreach (var descriptor in _owned)
            descriptor.Dispose();
    }
}
