using System.Buffers;
using System.Globalization;
using System.Text;

namespace Gantry.Client.Http;

/// <summary>
/// A JSON object (RFC 8259) as it is written, member by member; a member that has the value which one that is missing has is left out. Unlike the
/// serializer's writer it needs no tables of what to escape, which take longer to make than a request to write.
/// </summary>
internal sealed class JsonText
{
    private static readonly SearchValues<char> s_escaped = SearchValues.Create(
        "\"\\\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"
        + "\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f");

    private byte[] _bytes = new byte[1024];
    private int _length;

    /// <summary>What was written.</summary>
    public byte[] ToArray() => _bytes.AsSpan(0, _length).ToArray();

    /// <summary>Begins an object: the whole, or the value of <see cref="Name"/>.</summary>
    public JsonText Begin() => Append((byte)'{');

    /// <summary>Ends the object.</summary>
    public JsonText End() => Append((byte)'}');

    /// <summary>Begins a member; its value comes next.</summary>
    public JsonText Name(ReadOnlySpan<byte> name)
    {
        Separate();
        return Append((byte)'"').Append(name).Append("\":"u8);
    }

    /// <summary>Begins a member whose name is any text.</summary>
    public JsonText Key(string name)
    {
        Separate();
        return Text(name).Append((byte)':');
    }

    /// <summary>The value null.</summary>
    public JsonText Null() => Append("null"u8);

    /// <summary>A text, unless it is empty.</summary>
    public JsonText Text(ReadOnlySpan<byte> name, string? value) => string.IsNullOrEmpty(value) ? this : Name(name).Text(value);

    /// <summary>A number, unless it is null or 0.</summary>
    public JsonText Number(ReadOnlySpan<byte> name, long? value) => value is 0 ? this : GivenNumber(name, value);

    /// <summary>A number, unless it is null.</summary>
    public JsonText GivenNumber(ReadOnlySpan<byte> name, long? value)
    {
        if (value is not { } number)
            return this;
        Span<byte> digits = stackalloc byte[20];
        _ = number.TryFormat(digits, out var count, default, CultureInfo.InvariantCulture);
        return Name(name).Append(digits[..count]);
    }

    /// <summary>A flag, unless it is null or off.</summary>
    public JsonText Flag(ReadOnlySpan<byte> name, bool? value) => value is true ? Name(name).Append("true"u8) : this;

    /// <summary>A flag, unless it is null.</summary>
    public JsonText GivenFlag(ReadOnlySpan<byte> name, bool? value) => value is false ? Name(name).Append("false"u8) : Flag(name, value);

    /// <summary>A list of texts, unless it is null.</summary>
    public JsonText Texts(ReadOnlySpan<byte> name, IReadOnlyList<string>? values)
    {
        if (values is null)
            return this;
        Name(name).Append((byte)'[');
        for (var at = 0; at < values.Count; at++)
        {
            Separate();
            Text(values[at]);
        }
        return Append((byte)']');
    }

    /// <summary>Texts by name, unless it is null.</summary>
    public JsonText Map(ReadOnlySpan<byte> name, IReadOnlyDictionary<string, string>? values)
    {
        if (values is null)
            return this;
        Name(name).Begin();
        if (values.Count > 0)
        {
            foreach (var (key, value) in values)
                Key(key).Text(value);
        }
        return End();
    }

    /// <summary>A value that somebody else writes, unless it is null.</summary>
    public JsonText Other<T>(ReadOnlySpan<byte> name, T? value, Func<T, byte[]> write)
        where T : class => value is null ? this : Name(name).Append(write(value));

    /// <summary>A list whose elements somebody else writes, unless it is null.</summary>
    public JsonText Others<T>(ReadOnlySpan<byte> name, IReadOnlyList<T>? values, Func<IReadOnlyList<T>, byte[]> write) =>
        values is null ? this : Name(name).Append(values.Count == 0 ? "[]"u8 : write(values));

    private JsonText Text(string value)
    {
        Append((byte)'"');
        var rest = value.AsSpan();
        for (var at = rest.IndexOfAny(s_escaped); at >= 0; at = rest.IndexOfAny(s_escaped))
        {
            Append(rest[..at]);
            var escaped = rest[at];
            if (escaped is '"' or '\\')
                Append((byte)'\\').Append((byte)escaped);
            else
                Append("\\u00"u8).Append((byte)(escaped < 16 ? '0' : '1')).Append("0123456789abcdef"u8.Slice(escaped & 15, 1));
            rest = rest[(at + 1)..];
        }
        return Append(rest).Append((byte)'"');
    }

    // What is half of a character becomes the replacement character, as in every UTF-8 text.
    private JsonText Append(ReadOnlySpan<char> text)
    {
        MakeRoom(Encoding.UTF8.GetMaxByteCount(text.Length));
        _length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(_length));
        return this;
    }

    private JsonText Append(ReadOnlySpan<byte> bytes)
    {
        MakeRoom(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
        return this;
    }

    private JsonText Append(byte value)
    {
        MakeRoom(1);
        _bytes[_length++] = value;
        return this;
    }

    private void Separate()
    {
        if (_length > 0 && _bytes[_length - 1] is not ((byte)'{' or (byte)'['))
            Append((byte)',');
    }

    private void MakeRoom(int count)
    {
        if (_bytes.Length - _length < count)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
    }
}
