using System.Text;
using Gantry.Os;

namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>
/// Follows the ring of one process and writes what comes into its log file. Belongs to the log's thread, except where said.
/// </summary>
internal sealed class LogStream : IDisposable
{
    private const int ErrorStream = 1;
    private const string TooSlow = "the disk was slower than the output, which was not to wait (mode=non-blocking)";

    private readonly OutputRing _ring;
    private readonly LogFile _file;
    private readonly LogRequest _settings;
    private readonly byte[] _attributes;
    private LogState _state;
    private Errno _failure;
    private string _lossCause = "the disk was full or broken"; // Not known of an earlier keeper's loss.
    private bool _opened;
    private readonly Action _drain;
    private readonly LogWriter _writer;
    private readonly Action _progress;
    private long _committedPosition;
    private int _queued;
    private bool _loopWaits;

    /// <summary>Takes up the log where the ring says it is.</summary>
    /// <param name="ring">What to follow.</param>
    /// <param name="settings">Where to write.</param>
    /// <param name="progress">Called on the log's thread when there is room in the ring again and <see cref="LoopWaits"/> is set.</param>
    /// <param name="writer">The log's thread.</param>
    public LogStream(OutputRing ring, LogRequest settings, Action progress, LogWriter writer)
    {
        _drain = () =>
        {
            // Before the drain: what comes after its look at the ring is announced again.
            Volatile.Write(ref _queued, 0);
            writer.Drain(this, final: false);
        };
        _progress = progress;
        _writer = writer;
        (_ring, _settings, _file) = (ring, settings, new LogFile(settings));
        _attributes = settings.Attributes is null ? [] : Encoding.UTF8.GetBytes(settings.Attributes);
        _state = ring.LoadState();
        _committedPosition = _state.Position;
    }

    /// <summary>The file.</summary>
    public string Path => _settings.Path;

    /// <summary>How lines lie in it.</summary>
    public LogFormat Format => _settings.Format;

    /// <summary>Whether the process waits when the log is slow; otherwise the log loses what it was too slow for.</summary>
    public bool Blocks => _settings.Buffer <= 0;

    /// <summary>Up to where the ring is not needed by the log any more. For any thread.</summary>
    public long Position => Volatile.Read(ref _committedPosition);

    /// <summary>How far the log is, for whoever asks on the log's thread: the file's size, and the bytes that could not be written.</summary>
    public (long Size, long Dropped) Progress => (_file.Size, _state.Dropped);

    /// <summary>Says that there is output to be logged. For the loop.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _queued, 1) == 0)
            _writer.Enqueue(_drain);
    }

    /// <summary>Set by the loop when it waits for room in the ring.</summary>
    public bool LoopWaits
    {
        get => Volatile.Read(ref _loopWaits);
        set
        {
            Volatile.Write(ref _loopWaits, value);
            // The loop looks for room after it, the log at the flag after it made room: one of the two sees what the other did.
            Interlocked.MemoryBarrier();
        }
    }

    /// <summary>Writes everything that is in the ring.</summary>
    /// <param name="formatter">The log thread's formatter.</param>
    /// <param name="final">Whether nothing will follow, so that lines without an end are written too.</param>
    /// <returns>The error to report: the first of a series of failed writes, or success after such a series; null otherwise.</returns>
    public Errno? Drain(LineFormatter formatter, bool final)
    {
        var before = _failure;
        Open();
        formatter.Clear(_attributes);
        CopyCarries();
        while (_state.Position < _ring.Head)
        {
            var chunk = _ring.TryChunkAt(_state.Position);
            if (_ring.IsOverwritten(_state.Position, Blocks))
                GoOnAtPresent();
            else
                FormatChunk(formatter, chunk ?? throw new InvalidDataException($"no chunk of output at {_state.Position} of a ring"));
        }
        if (final)
            FormatUnfinishedLines(formatter);
        Flush(formatter);
        return before == _failure ? null : _failure;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Open()
    {
        if (_opened)
            return;
        try
        {
            _file.Open(_state.FileSize);
            _ring.CommitFileSize(_file.Size);
            (_opened, _failure) = (true, default);
        }
        catch (OsException error)
        {
            // Tried again with the next output: what cannot be written until then is dropped and counted, never waited for.
            _failure = error.Errno;
        }
    }

    private void FormatChunk(LineFormatter formatter, OutputChunk chunk)
    {
        while (_state.Offset < chunk.Length)
        {
            var piece = _ring.DataOf(chunk, (int)_state.Offset).First;
            var (length, state) = (formatter.Written.Length, _state);
            _state.Offset += FormatPiece(formatter, piece, chunk);
            if (_ring.IsOverwritten(chunk.Position, Blocks))
            {
                // While it was formatted: what that gave may be of anything.
                formatter.TakeBack(length);
                _state = state;
                GoOnAtPresent();
                return;
            }
            if (!formatter.HasRoom || formatter.Written.Length >= _file.RoomLeft)
                Flush(formatter);
        }
        (_state.Position, _state.Offset) = (chunk.Next, 0);
    }

    /// <summary>The process was not waited for, and has overtaken the log: all between the two is lost.</summary>
    private void GoOnAtPresent()
    {
        var head = _ring.Head;
        _state.Dropped += head - _state.Position;
        (_lossCause, _state.Position, _state.Offset) = (TooSlow, head, 0);
        for (var stream = 0; stream < 2; stream++)
        {
            _state.SetCarryLength(stream, 0);
            _state.SetPartialTime(stream, 0);
        }
    }

    /// <summary>Formats lines until the buffer or the file is full. What has no newline yet is carried over, up to docker's 16 KiB a line.</summary>
    /// <returns>How many bytes were dealt with.</returns>
    private int FormatPiece(LineFormatter formatter, ReadOnlySpan<byte> piece, OutputChunk chunk)
    {
        var (done, stream) = (0, chunk.Stream);
        while (done < piece.Length && formatter.HasRoom && (formatter.Written.Length < _file.RoomLeft || done == 0))
        {
            var carried = _state.CarryLength(stream);
            var window = piece.Slice(done, Math.Min(piece.Length - done, OutputRing.MaximumLine - carried));
            var newline = window.IndexOf((byte)'\n');
            if (newline >= 0)
                window = window[..(newline + 1)];
            done += window.Length;
            if (newline < 0 && carried + window.Length < OutputRing.MaximumLine)
            {
                window.CopyTo(_ring.NextCarry(stream)[carried..]);
                _state.SetCarryLength(stream, carried + window.Length);
                continue;
            }
            var line = window;
            if (carried > 0)
            {
                window.CopyTo(_ring.NextCarry(stream)[carried..]);
                line = _ring.NextCarry(stream)[..(carried + window.Length)];
            }
            // All parts of a long line have the time of the first.
            var time = _state.PartialTime(stream) is var partial and not 0 ? partial : chunk.Time;
            formatter.WriteLine(line, stream, time);
            _state.SetCarryLength(stream, 0);
            _state.SetPartialTime(stream, newline >= 0 ? 0 : time);
        }
        return done;
    }

    private void FormatUnfinishedLines(LineFormatter formatter)
    {
        for (var stream = 0; stream < 2; stream++)
        {
            var carried = _state.CarryLength(stream);
            if (carried == 0)
                continue;
            var time = _state.PartialTime(stream) is var partial and not 0 ? partial : Clock.RealTimeNanoseconds;
            formatter.WriteLine(_ring.NextCarry(stream)[..carried], stream, time);
            _state.SetCarryLength(stream, 0);
            _state.SetPartialTime(stream, 0);
        }
    }

    /// <summary>Writes what is formatted, into the next file if this one is full, and commits how far the log is.</summary>
    private void Flush(LineFormatter formatter)
    {
        if (formatter.Written.IsEmpty)
        {
            // Asked how far it is, without output: that is how old lines of a process go that has fallen silent.
            if (_opened && _file.IsOld)
                _failure = Rotate();
        }
        else
        {
            var failure = _opened ? default : _failure;
            if (_opened && _file.IsFull)
                failure = Rotate();
            // A full disk or a broken one must not stop a process: what cannot be written is dropped and counted. A file that
            // cannot be rotated grows beyond its limit instead.
            var append = _opened ? TellOfLoss() : failure;
            if (append.Value == 0)
                append = _file.Append(formatter.Written);
            if (append.Value != 0)
                (_state.Dropped, _lossCause) = (_state.Dropped + formatter.Written.Length, append.Description);
            _failure = append.Value != 0 ? append : failure;
        }
        formatter.Clear(_attributes);
        if (_opened)
            _state.FileSize = _file.Size;
        _ring.CommitState(_state);
        Volatile.Write(ref _committedPosition, _state.Position);
        Interlocked.MemoryBarrier();
        // Now, not when the ring is empty: the process goes on while what is left in it is written.
        if (LoopWaits)
            _progress();
        CopyCarries();
    }

    /// <summary>Once there is room again, a line in the log itself says that some of it is missing here.</summary>
    private Errno TellOfLoss()
    {
        var lost = _state.Dropped - _state.DroppedAndTold;
        if (lost == 0)
            return default;
        var line = LineFormatter.Create(Format);
        line.Clear(_attributes);
        var text = $"[gantry: {lost} bytes of this log could not be written here: {_lossCause}]\n";
        line.WriteLine(Encoding.UTF8.GetBytes(text), ErrorStream, Clock.RealTimeNanoseconds);
        var error = _file.Append(line.Written);
        if (error.Value == 0)
            _state.DroppedAndTold = _state.Dropped;
        return error;
    }

    private Errno Rotate()
    {
        try
        {
            if (_file.Rotate() && _settings.Compress)
                _writer.Compressor.Compress(_settings);
        }
        catch (IOException error)
        {
            return error is OsException os ? os.Errno : Errno.EIO;
        }
        // Before anything is written into it: the size that was committed is that of the file before.
        _ring.CommitFileSize(_file.Size);
        return default;
    }

    /// <summary>The next state begins with the carried lines of the valid one, which stay as they are until the next commit.</summary>
    private void CopyCarries()
    {
        for (var stream = 0; stream < 2; stream++)
            _ring.ValidCarry(stream)[.._state.CarryLength(stream)].CopyTo(_ring.NextCarry(stream));
    }
}
