using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Gantry.Runtime.Cli.Keeper.Output;

/// <summary>
/// Writes docker's json-file lines, to the byte as docker writes them:
/// <c>{"log":"text\n","stream":"stdout","time":"2026-01-01T00:00:00.123456789Z"}</c>. Belongs to the log's thread.
/// </summary>
internal sealed class JsonLogFormatter() : LineFormatter(OutputRing.MaximumLine * LongestEscape + 4096)
{
    private const int LongestEscape = 6;

    private static readonly SearchValues<byte> _plain = SearchValues.Create(PlainCharacters());

    private static ReadOnlySpan<byte> EscapedNewline => "\\n"u8;

    private byte[] _attributes = [];

    /// <summary>What follows the text of a line that was ended, the newline included: nearly all lines are.</summary>
    private byte[] _tail = [];
    private (int Stream, long Time) _tailIsFor = (-1, 0);

    /// <inheritdoc/>
    public override void Clear(byte[] attributes)
    {
        base.Clear(attributes);
        if (_attributes == attributes)
            return;
        _attributes = attributes;
        _tailIsFor = (-1, 0);
    }

    /// <inheritdoc/>
    public override void WriteLine(ReadOnlySpan<byte> text, int stream, long time)
    {
        if (_tailIsFor != (stream, time))
            ComposeTail(stream, time);
        Append("{\"log\":\""u8);
        if (text.EndsWith((byte)'\n'))
        {
            AppendEscaped(text[..^1]);
            Append(_tail);
        }
        else
        {
            AppendEscaped(text);
            Append(_tail.AsSpan(EscapedNewline.Length));
        }
    }

    /// <summary>The time as RFC 3339 with as many digits of the fraction as are not zero at its end, as Go's RFC3339Nano has it.</summary>
    internal static int FormatTime(long nanoseconds, Span<byte> destination)
    {
        var time = DateTime.UnixEpoch.AddTicks(nanoseconds / 100);
        Utf8Formatter.TryFormat(time, destination, out var length, 'O');
        // "2026-01-01T00:00:00.1234567Z": two more digits come behind the seven.
        length -= 1;
        destination[length++] = (byte)('0' + nanoseconds % 100 / 10);
        destination[length++] = (byte)('0' + nanoseconds % 10);
        while (destination[length - 1] == '0')
            length--;
        if (destination[length - 1] == '.')
            length--;
        destination[length++] = (byte)'Z';
        return length;
    }

    private void ComposeTail(int stream, long time)
    {
        Span<byte> formatted = stackalloc byte[40];
        var length = FormatTime(time, formatted);
        _tail = [.. EscapedNewline, .. "\",\"stream\":\""u8, .. stream == 0 ? "stdout"u8 : "stderr"u8, .. "\","u8,
            .. _attributes.Length > 0 ? "\"attrs\":"u8 : [], .. _attributes, .. _attributes.Length > 0 ? ","u8 : [],
            .. "\"time\":\""u8, .. formatted[..length], .. "\"}\n"u8];
        _tailIsFor = (stream, time);
    }

    private void AppendEscaped(ReadOnlySpan<byte> text)
    {
        while (true)
        {
            var plain = text.IndexOfAnyExcept(_plain);
            if (plain < 0)
            {
                Append(text);
                return;
            }
            Append(text[..plain]);
            text = text[plain..];
            text = text[0] < 0x80 ? AppendEscapedAscii(text) : AppendMultibyte(text);
        }
    }

    private ReadOnlySpan<byte> AppendEscapedAscii(ReadOnlySpan<byte> text)
    {
        var hexadecimal = "0123456789abcdef"u8;
        var character = text[0];
        switch (character)
        {
            case (byte)'\n':
                Append(EscapedNewline);
                break;
            case (byte)'\r':
                Append("\\r"u8);
                break;
            case (byte)'"' or (byte)'\\':
                Append([(byte)'\\', character]);
                break;
            default:
                Append([(byte)'\\', (byte)'u', (byte)'0', (byte)'0', hexadecimal[character >> 4], hexadecimal[character & 15]]);
                break;
        }
        return text[1..];
    }

    /// <summary>
    /// Characters beyond ASCII as they are; each byte that is not UTF-8 as <c>\ufffd</c> (.NET would count an unfinished sequence
    /// as one, Go counts bytes); the two line separators, which JavaScript does not allow in a string, escaped.
    /// </summary>
    private ReadOnlySpan<byte> AppendMultibyte(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty && text[0] >= 0x80)
        {
            var status = Rune.DecodeFromUtf8(text, out var rune, out var length);
            if (status != OperationStatus.Done)
            {
                Append("\\ufffd"u8);
                length = 1;
            }
            else if (rune.Value is 0x2028 or 0x2029)
            {
                Append(rune.Value == 0x2028 ? "\\u2028"u8 : "\\u2029"u8);
            }
            else
            {
                Append(text[..length]);
            }
            text = text[length..];
        }
        return text;
    }

    private static byte[] PlainCharacters() =>
        [.. Enumerable.Range(0x20, 0x60).Select(c => (byte)c).Where(c => c is not ((byte)'"' or (byte)'\\' or (byte)'<' or (byte)'>' or (byte)'&'))];
}
