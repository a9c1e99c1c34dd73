using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Memory;
using Gantry.Os.Pipes;
using Gantry.Os.Terminals;
using Gantry.Runtime.Create;

namespace Gantry.Runtime.Keeper.Client;

/// <summary>
/// The standard streams of a process that is about to start: both ends, made by the daemon before the spawn, so that there is no moment in
/// which the keeper alone has them.
/// </summary>
internal sealed class ChildStreams : IDisposable
{
    /// <summary>What the file of an output ring holds beside the ring; its layout is the keeper's.</summary>
    private const int RingStart = 4096 + 4 * 16 * 1024;

    /// <summary>The least bytes of a ring, and the most: a power of two.</summary>
    private const int SmallestRing = 256 * 1024, LargestRing = 256 * 1024 * 1024;

    /// <summary>What a read may overwrite of the oldest output before it is known to have done so.</summary>
    private const int RingReserve = 128 * 1024;

    /// <summary>What a process can write before it waits for the keeper. Each wait costs two context switches; memory is used only for what is in it.</summary>
    private const int OutputPipeSize = 256 * 1024;

    private ChildStreams(ProcessStreams child, KeptDescriptors host, IReadOnlyList<string> pipes) => (Child, Host, Pipes) = (child, host, pipes);

    /// <summary>The child's ends.</summary>
    public ProcessStreams Child { get; }

    /// <summary>The other ends, and the ring.</summary>
    public KeptDescriptors Host { get; }

    /// <summary>The pipes' names in /proc: input, output, errors.</summary>
    public IReadOnlyList<string> Pipes { get; }

    /// <summary>Makes them.</summary>
    /// <param name="id">The process's.</param>
    /// <param name="request">Which.</param>
    /// <param name="log">Its log, which decides how large the ring is; null: none.</param>
    /// <param name="terminals">The instance of devpts for a terminal; null: the host's.</param>
    /// <exception cref="OsException">No descriptors or terminals are left.</exception>
    public static ChildStreams Create(string id, StdioRequest request, LogRequest? log, Fd? terminals = null)
    {
        var host = new KeptDescriptors { Ring = CreateRing(id, log) };
        if (request.Terminal)
        {
            var terminal = terminals is null ? PseudoTerminal.Open() : PseudoTerminal.Open(terminals);
            host.Terminal = terminal.Master;
            if (request.Size is { } size)
                PseudoTerminal.Resize(terminal.Master, size.Rows, size.Columns);
            return new ChildStreams(new ProcessStreams { Terminal = terminal.Slave }, host, []);
        }

        Fd input;
        if (request.OpenStdin)
            (input, host.Stdin) = Pipe.Create();
        else
            input = FileOpener.Open("/dev/null", OpenFlags.ReadOnly);
        (host.Stdout, var output) = Pipe.Create(OutputPipeSize);
        (host.Stderr, var errors) = Pipe.Create(OutputPipeSize);
        return new ChildStreams(
            new ProcessStreams { Input = input, Output = output, Error = errors }, host,
            [host.Stdin is null ? "" : Name(host.Stdin), Name(host.Stdout), Name(host.Stderr)]);
    }

    /// <summary>Makes the file of an empty output ring, large enough for what may wait for the log.</summary>
    public static Fd CreateRing(string id, LogRequest? log)
    {
        var wanted = Math.Clamp((log?.Buffer ?? 0) + RingReserve, SmallestRing, LargestRing);
        return SharedMemory.CreateFile($"output of {id[..Math.Min(id.Length, 12)]}",
            RingStart + (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)wanted));
    }

    /// <summary>Closes the child's ends; the other ends stay.</summary>
    public void Dispose()
    {
        Child.Input?.Dispose();
        Child.Output?.Dispose();
        Child.Error?.Dispose();
        Child.Terminal?.Dispose();
    }

    private static string Name(Fd fd) => File.ResolveLinkTarget(fd.ProcPath, returnFinalTarget: false)?.Name ?? "";
}
