using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Gantry.Engine.Logs;

/// <summary>
/// Writes lines as docker's API sends them: the time, the attributes, the text; each line in a frame with a header of 8 bytes (stream,
/// three zeros, length big-endian), or raw for a container with a terminal.
/// </summary>
internal sealed class LogFormatter(LogQuery query, LineDecoder decoder, bool framed)
{
    private const int HeaderSize = 8;
    private const byte StandardOutput = 1, StandardError = 2;

    private readonly LogSelection _selection = new(query);

    /// <summary>Writes the wanted ones of a block's lines.</summary>
    /// <returns>False when a line was later than all that is wanted.</returns>
    internal bool Write(ReadOnlySpan<byte> block, IBufferWriter<byte> output)
    {
        while (decoder.TryTake(ref block, out var line))
        {
            switch (_selection.Judge(line))
            {
                case LogVerdict.Stop:
                    return false;
                case LogVerdict.Take:
                    WriteLine(line, output);
                    break;
            }
        }
        return true;
    }

    private void WriteLine(in LogLine line, IBufferWriter<byte> output)
    {
        var details = query.Details ? Details(line) : [];
        var room = output.GetSpan(HeaderSize + LogTime.FixedLength + 1 + details.Length + line.LongestText);
        var length = framed ? HeaderSize : 0;
        if (query.Timestamps && line.TryFormatTime(room[length..]))
        {
            length += LogTime.FixedLength;
            room[length++] = (byte)' ';
        }
        details.CopyTo(room[length..]);
        length += details.Length;
        length += line.WriteText(room[length..]);
        if (framed)
        {
            room[..4].Clear();
            room[0] = line.IsError ? StandardError : StandardOutput;
            BinaryPrimitives.WriteInt32BigEndian(room[4..], length - HeaderSize);
        }
        output.Advance(length);
    }

    /// <summary>The attributes as <c>name=value,name=value </c>, each escaped as in a URL's query; only the blank when there are none.</summary>
    private static byte[] Details(in LogLine line)
    {
        var pairs = line.ReadAttributes().OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{Escape(pair.Key)}={Escape(pair.Value)}");
        return Encoding.UTF8.GetBytes(string.Join(',', pairs) + " ");
    }

    private static string Escape(string text) => Uri.EscapeDataString(text).Replace("%20", "+");
}
