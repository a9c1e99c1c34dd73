using System.Runtime.InteropServices;
using Gantry.Cli.Session;
using Gantry.Client.Http;
using Gantry.Client.Streams;
using Gantry.Os;

namespace Gantry.Cli.Commands.Containers.Attaching;

/// <summary>How an attachment ended.</summary>
internal enum AttachmentEnd
{
    /// <summary>The container closed its output.</summary>
    OutputEnded,

    /// <summary>The user typed the detach keys: the container goes on.</summary>
    Detached,
}

/// <summary>Connects the standard streams of this process with a container's.</summary>
internal sealed class AttachedStreams
{
    private readonly CommandSession _session;
    private readonly HijackedStream _stream;
    private readonly bool _terminal;
    private readonly DetachKeyFilter? _filter;
    private volatile bool _detached;

    /// <summary>Prepares the connection.</summary>
    /// <param name="session">This process's streams.</param>
    /// <param name="stream">The container's.</param>
    /// <param name="terminal">Whether the container has a terminal: its output is one raw stream.</param>
    /// <param name="detachKeys">The keys that detach, looked for when the user types at a terminal.</param>
    public AttachedStreams(CommandSession session, HijackedStream stream, bool terminal, byte[] detachKeys)
    {
        _session = session;
        _stream = stream;
        _terminal = terminal;
        _filter = terminal ? new DetachKeyFilter(detachKeys) : null;
    }

    /// <summary>Refuses input from something that is no terminal for a container that has one.</summary>
    /// <exception cref="CommandException">Standard input is no terminal.</exception>
    public static void CheckTerminal(CommandSession session, bool stdin, bool terminal)
    {
        if (stdin && terminal && !session.Context.Terminal.InputIsTerminal)
            throw new CommandException("the input device is not a TTY");
    }

    /// <summary>Copies input and output until the container closes its output or the user detaches.</summary>
    /// <param name="stdin">Whether input goes to the container.</param>
    /// <param name="output">Whether output is awaited; else this returns when input is at its end.</param>
    public async Task<AttachmentEnd> CopyAsync(bool stdin, bool output)
    {
        _session.Flush();
        using var raw = stdin && _terminal ? _session.Context.Terminal.EnterRawMode() : null;
        // A killed client must not leave the shell in raw mode.
        using var onTerminate = raw is null ? null : PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => raw.Dispose());
        var pump = stdin ? StartInput() : null;
        if (output)
        {
            if (_terminal)
                await _stream.CopyToAsync(_session.Context.Output).ConfigureAwait(false);
            else
                await MultiplexedReader.CopyAsync(_stream, _session.Context.Output, _session.Context.Error, CancellationToken.None).ConfigureAwait(false);
        }
        else
        {
            pump?.Join();
        }
        return _detached ? AttachmentEnd.Detached : AttachmentEnd.OutputEnded;
    }

    // A thread of its own that nobody waits for: a read from a terminal or pipe cannot be interrupted, and ends with the process.
    private Thread StartInput()
    {
        var thread = new Thread(PumpInput, maxStackSize: 256 * 1024) { IsBackground = true, Name = "stdin" };
        thread.Start();
        return thread;
    }

    private void PumpInput()
    {
        var buffer = new byte[32 * 1024];
        var passed = new List<byte>();
        try
        {
            int read;
            while ((read = _session.Context.Input.Read(buffer)) > 0)
            {
                if (_filter is null)
                {
                    _stream.Write(buffer, 0, read);
                    continue;
                }
                passed.Clear();
                _detached = _filter.Process(buffer.AsSpan(0, read), passed);
                if (passed.Count > 0)
                    _stream.Write(passed.ToArray(), 0, passed.Count);
                if (_detached)
                {
                    _stream.Abort();
                    return;
                }
            }
            _stream.CloseWriteAsync().AsTask().GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The container closed its input, or has ended: its output and exit code tell how, and they are awaited elsewhere.
        }
    }
}
