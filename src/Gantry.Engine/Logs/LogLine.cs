using System.Text.Json;

namespace Gantry.Engine.Logs;

/// <summary>One line of a log, as it lies in the file: nothing is read of it that nobody asks for.</summary>
internal readonly ref struct LogLine
{
    private readonly ReadOnlySpan<byte> _text, _attributes, _timeText;
    private readonly long _time;
    private readonly bool _isJson;

    private LogLine(bool isJson, ReadOnlySpan<byte> text, bool isError, ReadOnlySpan<byte> attributes, ReadOnlySpan<byte> timeText, long time)
    {
        (_isJson, _time, IsError) = (isJson, time, isError);
        _text = text;
        _attributes = attributes;
        _timeText = timeText;
    }

    /// <summary>Whether it is of the standard error.</summary>
    internal bool IsError { get; }

    /// <summary>What the text takes at most.</summary>
    internal int LongestText => _text.Length;

    /// <summary>A line of a JSON log.</summary>
    /// <param name="text">The text, as it is within the quotation marks.</param>
    /// <param name="isError">Whether it is of the standard error.</param>
    /// <param name="attributes">The JSON object of the attributes, or nothing.</param>
    /// <param name="time">The text of its time.</param>
    internal static LogLine OfJson(ReadOnlySpan<byte> text, bool isError, ReadOnlySpan<byte> attributes, ReadOnlySpan<byte> time) =>
        new(true, text, isError, attributes, time, 0);

    /// <summary>A line of a paged log.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isError">Whether it is of the standard error.</param>
    /// <param name="attributes">The JSON object of the attributes, or nothing.</param>
    /// <param name="time">Nanoseconds since 1970.</param>
    internal static LogLine OfPage(ReadOnlySpan<byte> text, bool isError, ReadOnlySpan<byte> attributes, long time) =>
        new(false, text, isError, attributes, [], time);

    /// <summary>When it was logged, in nanoseconds since 1970; false: the line does not say.</summary>
    internal bool TryGetTime(out long time)
    {
        time = _time;
        return !_isJson || LogTime.TryParse(_timeText, out time);
    }

    /// <summary>Writes the time with nine digits (<see cref="LogTime.FixedLength"/>); false: the line does not say.</summary>
    internal bool TryFormatTime(Span<byte> destination) =>
        _isJson ? LogTime.TryFormatFixed(_timeText, destination) : LogTime.TryFormatFixed(_time, destination);

    /// <summary>Writes the text and returns its length.</summary>
    internal int WriteText(Span<byte> destination)
    {
        if (_isJson)
            return JsonText.Unescape(_text, destination);
        _text.CopyTo(destination);
        return _text.Length;
    }

    /// <summary>The attributes' names and values.</summary>
    internal Dictionary<string, string> ReadAttributes()
    {
        var attributes = new Dictionary<string, string>();
        if (_attributes.IsEmpty)
            return attributes;
        try
        {
            var reader = new Utf8JsonReader(_attributes);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var key = reader.GetString()!;
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    attributes[key] = reader.GetString()!;
                else
                    reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Only their text was found so far, and it is not JSON: the line has none.
            attributes.Clear();
        }
        return attributes;
    }
}
