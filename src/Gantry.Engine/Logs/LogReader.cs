using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Gantry.Engine.Logs;

/// <summary>
/// Reads logs in docker's json-file format: a JSON object a line, in a file and in those it was rotated to (<c>.1</c>, <c>.2</c>, ..., also
/// compressed as <c>.1.gz</c>). A line that a crash has torn is passed over.
/// </summary>
/// <param name="watcher">Tells those who follow a log of changes.</param>
public sealed class LogReader(LogWatcher watcher)
{
    /// <summary>Writes what <paramref name="query"/> selects.</summary>
    /// <param name="path">The log's current file. When there is none, nothing was logged yet.</param>
    /// <param name="query">What to read.</param>
    /// <param name="framed">In docker's frames, of which each line is one; else raw.</param>
    /// <param name="ended">Completes when the container has ended and all of its output is in the files: then following ends.</param>
    /// <param name="output">Where to; it is flushed after each block and before waiting, and not completed.</param>
    /// <param name="cancellation">Ends it at any time.</param>
    /// <exception cref="Os.OsException">A file cannot be read, or its folder not be watched.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task WriteAsync(
        string path, LogQuery query, bool framed, Task ended, PipeWriter output, CancellationToken cancellation)
    {
        var formatter = new LogFormatter(query, framed);
        // Of its own and not the connection's: that consists of small pieces, which cost more than the lines in them.
        var formatted = new ArrayBufferWriter<byte>();
        await foreach (var block in new LogSource(path, query, watcher, ended).ReadAsync(cancellation))
        {
            var goOn = formatter.Write(block.Span, formatted);
            var flushed = formatted.WrittenCount > 0 ? await output.WriteAsync(formatted.WrittenMemory, cancellation) : await output.FlushAsync(cancellation);
            formatted.ResetWrittenCount();
            if (!goOn || flushed.IsCompleted)
                return;
        }
    }

    /// <summary>The entries that <paramref name="query"/> selects, for other uses than sending them.</summary>
    /// <param name="path">The log's current file.</param>
    /// <param name="query">What to read.</param>
    /// <param name="ended">Completes when the container has ended and all of its output is in the files.</param>
    /// <param name="cancellation">Ends it at any time.</param>
    /// <exception cref="Os.OsException">A file cannot be read, or its folder not be watched.</exception>
    public async IAsyncEnumerable<LogEntry> ReadAsync(
        string path, LogQuery query, Task ended, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var selection = new LogSelection(query);
        await foreach (var block in new LogSource(path, query, watcher, ended).ReadAsync(cancellation))
        {
            for (var rest = block; !rest.IsEmpty;)
            {
                var end = rest.Span.IndexOf((byte)'\n');
                var (verdict, entry) = ReadEntry((end < 0 ? rest : rest[..end]).Span, selection);
                rest = end < 0 ? default : rest[(end + 1)..];
                if (verdict == LogVerdict.Stop)
                    yield break;
                if (entry is not null)
                    yield return entry;
            }
        }
    }

    private static (LogVerdict Verdict, LogEntry? Entry) ReadEntry(ReadOnlySpan<byte> text, LogSelection selection)
    {
        if (!JsonLogLine.TryParse(text, out var line))
            return (LogVerdict.Skip, null);
        var verdict = selection.Judge(line);
        if (verdict != LogVerdict.Take)
            return (verdict, null);
        var unescaped = new byte[line.Text.Length];
        var length = JsonText.Unescape(line.Text, unescaped);
        return (verdict, new LogEntry(
            line.IsError, LogTime.TryParse(line.Time, out var time) ? time : 0, unescaped.AsMemory(0, length), line.ReadAttributes()));
    }
}
