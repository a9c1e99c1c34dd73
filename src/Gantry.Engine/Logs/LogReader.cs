using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;

namespace Gantry.Engine.Logs;

/// <summary>
/// Reads logs: a file and those it was rotated to (<c>.1</c>, <c>.2</c>, ..., also compressed as <c>.1.gz</c>). A line that a crash has torn is passed over.
/// </summary>
/// <param name="watcher">Tells those who follow a log of changes.</param>
public sealed class LogReader(LogWatcher watcher)
{
    /// <summary>Writes what <paramref name="query"/> selects.</summary>
    /// <param name="place">The log.</param>
    /// <param name="query">What to read.</param>
    /// <param name="framed">In docker's frames, of which each line is one; else raw.</param>
    /// <param name="ended">Completes when the container has ended and all of its output is in the files: then following ends.</param>
    /// <param name="output">Where to; it is flushed after each block and before waiting, and not completed.</param>
    /// <param name="cancellation">Ends it at any time.</param>
    /// <exception cref="Os.OsException">A file cannot be read, or its folder not be watched.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public async Task WriteAsync(
        LogPlace place, LogQuery query, bool framed, Task ended, PipeWriter output, CancellationToken cancellation)
    {
        var source = new LogSource(place, query, watcher, ended);
        var formatter = new LogFormatter(query, new SkippingDecoder(source, LineDecoder.For(place.Format)), framed);
        // Of its own and not the connection's: that consists of small pieces, which cost more than the lines in them.
        var formatted = new ArrayBufferWriter<byte>();
        await foreach (var block in source.ReadAsync(cancellation))
        {
            var goOn = formatter.Write(block.Span, formatted);
            var flushed = formatted.WrittenCount > 0 ? await output.WriteAsync(formatted.WrittenMemory, cancellation) : await output.FlushAsync(cancellation);
            formatted.ResetWrittenCount();
            if (!goOn || flushed.IsCompleted)
                return;
        }
    }

    /// <summary>The entries that <paramref name="query"/> selects, for other uses than sending them.</summary>
    /// <param name="place">The log.</param>
    /// <param name="query">What to read.</param>
    /// <param name="ended">Completes when the container has ended and all of its output is in the files.</param>
    /// <param name="cancellation">Ends it at any time.</param>
    /// <exception cref="Os.OsException">A file cannot be read, or its folder not be watched.</exception>
    public async IAsyncEnumerable<LogEntry> ReadAsync(
        LogPlace place, LogQuery query, Task ended, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var (selection, source) = (new LogSelection(query), new LogSource(place, query, watcher, ended));
        var decoder = new SkippingDecoder(source, LineDecoder.For(place.Format));
        await foreach (var block in source.ReadAsync(cancellation))
        {
            for (var rest = block; !rest.IsEmpty;)
            {
                var (verdict, entry) = ReadEntry(ref rest, decoder, selection);
                if (verdict == LogVerdict.Stop)
                    yield break;
                if (entry is not null)
                    yield return entry;
            }
        }
    }

    private static (LogVerdict Verdict, LogEntry? Entry) ReadEntry(ref ReadOnlyMemory<byte> block, LineDecoder decoder, LogSelection selection)
    {
        var rest = block.Span;
        var isLine = decoder.TryTake(ref rest, out var line);
        block = block[^rest.Length..];
        if (!isLine)
        {
            block = default;
            return (LogVerdict.Skip, null);
        }
        var verdict = selection.Judge(line);
        if (verdict != LogVerdict.Take)
            return (verdict, null);
        var text = new byte[line.LongestText];
        var length = line.WriteText(text);
        return (verdict, new LogEntry(line.IsError, line.TryGetTime(out var time) ? time : 0, text.AsMemory(0, length), line.ReadAttributes()));
    }
}
