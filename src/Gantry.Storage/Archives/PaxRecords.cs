using System.Buffers.Text;
using System.Text;
using Gantry.Os.Files;

namespace Gantry.Storage.Archives;

/// <summary>
/// The records of a pax extended header: <c>length key=value\n</c> (pax(1), "pax Extended Header"), with the keys of star (extended
/// attributes) and GNU tar (sparse files). Values are bytes.
/// </summary>
internal sealed class PaxRecords
{
    private static ReadOnlySpan<byte> AttributePrefix => "SCHILY.xattr."u8;

    private readonly Dictionary<string, byte[]> _values = [];
    private readonly List<SparseExtent> _sparseMap = [];
    private long? _sparseOffset;
    private long _size;

    internal bool IsEmpty => _values.Count == 0 && _sparseMap.Count == 0;

    /// <summary>The sparse map of GNU's versions 0.0 and 0.1, which is in the header itself.</summary>
    internal IReadOnlyList<SparseExtent> SparseMap => _sparseMap;

    internal byte[]? this[string key] => _values.GetValueOrDefault(key);

    internal long? Number(string key) => this[key] is { Length: > 0 } text ? TarNumber.ParseDecimal(text, key) : null;

    /// <exception cref="InvalidDataException">The records are malformed.</exception>
    internal void Parse(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            if (!Utf8Parser.TryParse(data, out int length, out var digits) || length <= digits + 1 || length > data.Length || data[digits] != ' '
                || data[length - 1] != '\n')
                throw new InvalidDataException("pax header: malformed record");
            var record = data[(digits + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals <= 0)
                throw new InvalidDataException("pax header: record without a key");
            Set(Encoding.Latin1.GetString(record[..equals]), record[(equals + 1)..].ToArray());
            // Global headers add up, as many as there are.
            if (_size > TarReader.MaxHeaderData || _sparseMap.Count > TarReader.MaxHeaderData)
                throw new InvalidDataException($"pax headers of more than {TarReader.MaxHeaderData} bytes together");
            data = data[length..];
        }
    }

    /// <summary>Puts the values over those of the header block.</summary>
    /// <exception cref="InvalidDataException">A value is malformed.</exception>
    internal void ApplyTo(TarEntry entry)
    {
        entry.Name = Path("path") ?? entry.Name;
        entry.LinkName = Path("linkpath") ?? entry.LinkName;
        entry.UserId = Number("uid") is { } user ? TarHeader.Identity(user, "uid") : entry.UserId;
        entry.GroupId = Number("gid") is { } group ? TarHeader.Identity(group, "gid") : entry.GroupId;
        entry.Modified = this["mtime"] is { Length: > 0 } time ? Time(time) : entry.Modified;
        foreach (var (key, value) in _values)
            if (key.Length > AttributePrefix.Length && key.StartsWith("SCHILY.xattr.", StringComparison.Ordinal))
                entry.Attributes.Add(new TarAttribute(Encoding.Latin1.GetBytes(key[AttributePrefix.Length..]), value));
    }

    private byte[]? Path(string key)
    {
        if (this[key] is not { Length: > 0 } value)
            return null;
        return value.Contains((byte)0) ? throw new InvalidDataException($"pax header: NUL in {key}") : value;
    }

    // An empty value takes back what a global header set.
    private void Set(string key, byte[] value)
    {
        switch (key)
        {
            case "GNU.sparse.offset":
                _sparseOffset = TarNumber.ParseDecimal(value, key);
                break;
            case "GNU.sparse.numbytes":
                var offset = _sparseOffset ?? throw new InvalidDataException("pax header: sparse length without an offset");
                _sparseMap.Add(new SparseExtent(offset, TarNumber.ParseDecimal(value, key)));
                _sparseOffset = null;
                break;
            case "GNU.sparse.map":
                ParseMap(value);
                break;
            default:
                _size += key.Length + value.Length - (_values.TryGetValue(key, out var old) ? key.Length + old.Length : 0);
                _values[key] = value;
                break;
        }
    }

    private void ParseMap(ReadOnlySpan<byte> map)
    {
        long? offset = null;
        foreach (var range in map.Split((byte)','))
        {
            var number = TarNumber.ParseDecimal(map[range], "GNU.sparse.map");
            if (offset is null)
            {
                offset = number;
                continue;
            }
            _sparseMap.Add(new SparseExtent(offset.Value, number));
            offset = null;
        }
        if (offset is not null)
            throw new InvalidDataException("pax header: sparse map of odd length");
    }

    // Decimal seconds with an optional fraction; a fraction of a negative time counts away from zero.
    private static FileTime Time(ReadOnlySpan<byte> text)
    {
        var point = text.IndexOf((byte)'.');
        var seconds = TarNumber.ParseDecimal(point < 0 ? text : text[..point], "mtime");
        if (point < 0)
            return new FileTime(seconds, 0);
        uint nanoseconds = 0, unit = 100_000_000;
        foreach (var digit in text[(point + 1)..])
        {
            if (digit is < (byte)'0' or > (byte)'9')
                throw new InvalidDataException("pax header: malformed mtime");
            nanoseconds += (digit - (uint)'0') * unit;
            unit /= 10;
        }
        return text[0] == '-' && nanoseconds > 0 ? new FileTime(seconds - 1, 1_000_000_000 - nanoseconds) : new FileTime(seconds, nanoseconds);
    }
}
