using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Pipes;
using Gantry.Os.Sockets;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Hooks;

/// <summary>
/// A point at which a container's process waits, seen from the process that lets it go on. When that one dies, or disposes of this, the child ends
/// there (<see cref="Gate"/>): none waits for ever.
/// </summary>
public sealed class HeldPoint : IDisposable
{
    private readonly (Fd Reader, Fd Writer) _arrived = SenderSocket.CreatePair();
    private readonly Pipe? _go;

    /// <summary>Makes a point that <see cref="LetGo"/> opens.</summary>
    /// <exception cref="OsException">No descriptors were left.</exception>
    public HeldPoint() => Gate = new Gate(_arrived.Writer, (_go = Pipe.Create()).Value.Reader);

    /// <summary>Makes a point that somebody else opens.</summary>
    /// <param name="go">What the child reads from.</param>
    /// <exception cref="OsException">No descriptors were left.</exception>
    public HeldPoint(Fd go) => Gate = new Gate(_arrived.Writer, go);

    /// <summary>The child's side.</summary>
    public Gate Gate { get; }

    /// <summary>Closes the child's side here; a child of this process has copies by now. From then on its end is seen by <see cref="WaitForChild"/>.</summary>
    public void CloseChildsEnds()
    {
        _arrived.Writer.Dispose();
        _go?.Reader.Dispose();
    }

    /// <summary>Waits until the child is there.</summary>
    /// <returns>Its process ID here; null: it ended instead, or <see cref="GiveUp"/> was called.</returns>
    public int? WaitForChild() => SenderSocket.ReadByte(_arrived.Reader);

    /// <summary>Ends a wait for the child that another thread is in.</summary>
    public void GiveUp() => UnixSocket.Shutdown(_arrived.Reader);

    /// <summary>Lets the child go on.</summary>
    /// <exception cref="OsException">It is gone.</exception>
    public void LetGo() => FileData.Write(_go!.Value.Writer, "1"u8);

    /// <summary>Lets the child end where it waits, or when it gets there.</summary>
    public void Refuse() => _go?.Writer.Dispose();

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseChildsEnds();
        Refuse();
        _arrived.Reader.Dispose();
    }
}
