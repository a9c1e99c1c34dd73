namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>Writes the entries of a <see cref="PagedLog"/>; the pages are made where they are written.</summary>
internal sealed class PagedLogFormatter() : LineFormatter(PagedLog.EntryHeaderSize + OutputRing.MaximumLine)
{
    /// <inheritdoc/>
    public override void WriteLine(ReadOnlySpan<byte> text, int stream, long time)
    {
        var place = Append(PagedLog.EntryHeaderSize + text.Length);
        PagedLog.WriteEntry(place, stream == 0 ? PagedLogKind.Output : PagedLogKind.Error, text.Length, time);
        text.CopyTo(place[PagedLog.EntryHeaderSize..]);
    }
}
