using Gantry.Os;
using Gantry.Os.Pipes;
using Gantry.Os.Polling;
using Gantry.Os.Terminals;
using Gantry.Runtime.Cli.Keeper.Loop;

namespace Gantry.Runtime.Cli.Keeper;

/// <summary>The standard input of a process, from any number of clients.</summary>
internal sealed partial class SupervisedProcess : IPollHandler
{
    private Fd? _input;
    private EventLoop.Watch? _inputWatch;
    private byte[] _leftInput = [];
    private bool _endsAfterLeft;

    /// <summary>Whether the process runs, so that what clients send has somewhere to go. Before, it stays in their sockets.</summary>
    public bool InputStarted { get; private set; }

    /// <summary>Makes the standard input ready for writing, and begins to take what clients have sent.</summary>
    public void StartInput()
    {
        // A terminal is in epoll once for reading already; its duplicate can be watched by itself.
        _input = Descriptors.Terminal?.Duplicate() ?? Descriptors.Stdin;
        if (_input is not null)
        {
            StreamIo.SetNonBlocking(_input, true);
            _inputWatch = Loop.Add(_input, PollEvents.None, this);
        }
        InputStarted = true;
        WriteLeftInput();
        for (var i = _attachments.Count - 1; i >= 0; i--)
            _attachments[i].ResumeInput();
    }

    /// <summary>Writes to the standard input; what nobody reads any more counts as written.</summary>
    /// <returns>How much was taken. If not all, attachments are told when there is room.</returns>
    public int WriteInput(ReadOnlySpan<byte> input)
    {
        var written = 0;
        while (_input is not null && written < input.Length)
        {
            var (count, error) = StreamIo.Write(_input, input[written..]);
            if (error == Errno.EAGAIN)
            {
                _inputWatch?.Set(PollEvents.Writable);
                return written;
            }
            if (error.Value != 0)
                CloseInput();
            written += count;
        }
        return input.Length;
    }

    /// <summary>Takes what a client had sent that is gone, to be written when the process runs and has room for it.</summary>
    /// <param name="input">What it had sent.</param>
    /// <param name="ends">Whether the standard input ends with it.</param>
    public void LeaveInput(ReadOnlySpan<byte> input, bool ends)
    {
        _leftInput = [.. _leftInput, .. input];
        _endsAfterLeft |= ends;
        WriteLeftInput();
    }

    /// <summary>Closes the standard input; a terminal has none to close.</summary>
    public void CloseInput()
    {
        if (_input is null || Descriptors.Terminal is not null)
            return;
        _inputWatch?.Dispose();
        _input.Dispose();
        (_input, _inputWatch, Descriptors.Stdin) = (null, null, null);
        InputClosed?.Invoke(this);
    }

    /// <summary>Sets the terminal's size.</summary>
    /// <exception cref="OsException">It has no terminal (ENOTTY).</exception>
    public void Resize(ushort rows, ushort columns) =>
        PseudoTerminal.Resize(Descriptors.Terminal ?? throw new OsException($"resize the terminal of {Record.Id}", Errno.ENOTTY), rows, columns);

    /// <summary>There is room in the standard input, or its reader is gone: the next write tells.</summary>
    void IPollHandler.OnReady(PollEvents events)
    {
        _inputWatch?.Set(PollEvents.None);
        WriteLeftInput();
        for (var i = _attachments.Count - 1; i >= 0; i--)
            _attachments[i].ResumeInput();
    }

    private void WriteLeftInput()
    {
        if (!InputStarted)
            return;
        _leftInput = _leftInput[WriteInput(_leftInput)..];
        if (_endsAfterLeft && _leftInput.Length == 0)
            CloseInput();
    }
}
