
namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>
/// The thread that writes all log files, so that a slow disk never holds up the loop: standard streams of other processes, attached
/// clients and requests go on. Only processes whose ring is full because of it wait, as they would for any slow reader.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    private readonly Queue<Action> _queue = new();
    private readonly LineFormatter?[] _formatters = new LineFormatter?[2];
    private readonly Thread _thread;
    private bool _stopped;

    public LogWriter()
    {
        Compressor = new LogCompressor(this);
        _thread = new Thread(Run, 256 * 1024) { Name = "log writer", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Compresses files that were closed.</summary>
    public LogCompressor Compressor { get; }

    /// <summary>Runs something on the log's thread, after all that was asked before.</summary>
    public void Enqueue(Action action)
    {
        lock (_queue)
        {
            _queue.Enqueue(action);
            if (_queue.Count == 1)
                Monitor.Pulse(_queue);
        }
    }

    /// <summary>Writes everything that is in the ring of a log. On the log's thread.</summary>
    public void Drain(LogStream log, bool final)
    {
        try
        {
            if (log.Drain(FormatterFor(log), final) is { } change)
                Console.Error.WriteLine(change.Value == 0
                    ? $"{log.Path}: written again; {log.Progress.Dropped} bytes were lost"
                    : $"{log.Path}: cannot be written, output is lost: {change.Name} ({change.Description})");
        }
        catch (Exception error) when (error is IOException or InvalidDataException)
        {
            Console.Error.WriteLine($"{log.Path}: {error.Message}");
        }
    }

    /// <summary>All logs of one format share a formatter, whose buffer is most of what a log costs.</summary>
    private LineFormatter FormatterFor(LogStream log) => _formatters[(int)log.Format] ??= LineFormatter.Create(log.Format);

    /// <summary>Ends the thread, after what was asked is done.</summary>
    public void Dispose()
    {
        Enqueue(() => _stopped = true);
        _thread.Join();
    }

    private void Run()
    {
        while (!_stopped)
        {
            Action action;
            lock (_queue)
            {
                while (_queue.Count == 0)
                    Monitor.Wait(_queue);
                action = _queue.Dequeue();
            }
            action();
        }
    }
}
