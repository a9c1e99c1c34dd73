using System.Text.Json;

namespace Gantry.Engine.Logs;

/// <summary>Takes a line of a json-file log apart: <c>{"log":"text\n","stream":"stdout","attrs":{...},"time":"..."}</c>.</summary>
internal static class JsonLogLine
{
    private static ReadOnlySpan<byte> Start => "{\"log\":\""u8;

    /// <summary>
    /// Reads a line. One that was torn by a crash and then written on behind is read from where the second one begins; what is no log
    /// line at all is refused.
    /// </summary>
    internal static bool TryParse(ReadOnlySpan<byte> line, out LogLine parsed)
    {
        if (TryParseUsual(line, out parsed) || TryParseAny(line, out parsed))
            return true;
        var second = line.LastIndexOf(Start);
        return second > 0 && TryParseUsual(line[second..], out parsed);
    }

    /// <summary>The form that Gantry and docker write, key by key.</summary>
    private static bool TryParseUsual(ReadOnlySpan<byte> line, out LogLine parsed)
    {
        parsed = default;
        if (!line.StartsWith(Start))
            return false;
        var end = EndOfString(line, Start.Length);
        if (end < 0)
            return false;
        var text = line[Start.Length..end];
        var rest = line[(end + 1)..];

        bool isError;
        if (rest.StartsWith(",\"stream\":\"stdout\","u8))
            isError = false;
        else if (rest.StartsWith(",\"stream\":\"stderr\","u8))
            isError = true;
        else
            return false;
        rest = rest[19..];

        ReadOnlySpan<byte> attributes = default;
        if (rest.StartsWith("\"attrs\":{"u8))
        {
            var after = rest.LastIndexOf("},\"time\":\""u8);
            if (after < 0)
                return false;
            attributes = rest[8..(after + 1)];
            rest = rest[(after + 2)..];
        }
        if (!rest.StartsWith("\"time\":\""u8) || !rest.EndsWith("\"}"u8) || rest.Length < 10)
            return false;
        parsed = LogLine.OfJson(text, isError, attributes, rest[8..^2]);
        return true;
    }

    /// <summary>Any order of the keys, blanks between them, and keys that are unknown.</summary>
    private static bool TryParseAny(ReadOnlySpan<byte> line, out LogLine parsed)
    {
        parsed = default;
        ReadOnlySpan<byte> text = default, attributes = default, time = default;
        var (isError, isLog) = (false, false);
        try
        {
            var reader = new Utf8JsonReader(line);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = reader.ValueSpan;
                reader.Read();
                if (key.SequenceEqual("log"u8) && reader.TokenType == JsonTokenType.String)
                {
                    text = reader.ValueSpan;
                    isLog = true;
                }
                else if (key.SequenceEqual("stream"u8) && reader.TokenType == JsonTokenType.String)
                    isError = reader.ValueTextEquals("stderr"u8);
                else if (key.SequenceEqual("time"u8) && reader.TokenType == JsonTokenType.String)
                    time = reader.ValueSpan;
                else if (key.SequenceEqual("attrs"u8) && reader.TokenType == JsonTokenType.StartObject)
                {
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    attributes = line[start..(int)reader.BytesConsumed];
                }
                else
                    reader.Skip();
            }
        }
        catch (JsonException)
        {
            return false;
        }
        parsed = LogLine.OfJson(text, isError, attributes, time);
        return isLog;
    }

    /// <summary>The closing quotation mark of the string that begins at <paramref name="start"/>, or -1.</summary>
    private static int EndOfString(ReadOnlySpan<byte> line, int start)
    {
        for (var at = start; ;)
        {
            var found = line[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (found < 0)
                return -1;
            at += found;
            if (line[at] == '"')
                return at;
            at += 2;
            if (at >= line.Length)
                return -1;
        }
    }
}
