using Gantry.Compose.Values;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gantry.Compose.Files;

/// <summary>A document of a YAML file, and what it takes away from the files before it.</summary>
/// <param name="Root">The document, with anchors and merge keys resolved.</param>
/// <param name="Resets">The paths tagged <c>!reset</c> or <c>!override</c>: what other files say there does not count.</param>
internal sealed record YamlDocument(Value Root, IReadOnlyList<string[]> Resets);

/// <summary>
/// Reads YAML into values. Scalars are told apart as go-yaml does, which is YAML 1.2's core schema with octal numbers of YAML 1.1.
/// A merge key (<c>&lt;&lt;</c>) adds what its mapping does not have itself; the first of several sources counts.
/// </summary>
internal sealed class YamlReader
{
    // Aliases of aliases can make a small file a huge document: a limit far above any real one.
    private const int MostValues = 1_000_000;

    // Lines of double-quoted scalars that are less indented than they should be.
    private const int MostIndentations = 1000;

    private readonly Parser _parser;
    private readonly string _file;
    private readonly Dictionary<string, Value?> _anchors = new(StringComparer.Ordinal);
    private readonly List<string[]> _resets = [];
    private readonly List<string> _path = [];
    private int _values;

    private YamlReader(string text, string file)
    {
        _parser = new Parser(new StringReader(text));
        _file = file;
    }

    /// <summary>Reads all documents of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Where it is from, for positions and messages.</param>
    /// <exception cref="ComposeException">It is no YAML.</exception>
    public static List<YamlDocument> Read(string text, string file)
    {
        for (var attempts = 0; ; attempts++)
        {
            try
            {
                return ReadDocuments(text, file);
            }
            catch (YamlException error)
            {
                text = attempts < MostIndentations && Indent(text, error) is { } indented ? indented : throw Wrong(file, error.Start.Line, error.Message);
            }
            catch (InvalidOperationException error)
            {
                // What YamlDotNet throws for some malformed flow mappings.
                throw Wrong(file, 0, error.Message);
            }
        }
    }

    private static List<YamlDocument> ReadDocuments(string text, string file)
    {
        var documents = new List<YamlDocument>();
        var reader = new YamlReader(text, file);
        while (reader.NextDocument() is { } document)
            documents.Add(document);
        return documents;
    }

    // go-yaml takes lines of a double-quoted scalar that are not indented, and programs write such files; YamlDotNet stops at the first of them. How far such
    // a line is indented says nothing (YAML 1.2.2, 7.3.1).
    private static string? Indent(string text, YamlException error)
    {
        if (!error.Message.EndsWith("found wrong indentation.", StringComparison.Ordinal))
            return null;
        var at = 0;
        for (var line = 1; line < error.End.Line; line++)
            at = text.IndexOf('\n', at) + 1;
        return text.Insert(at, new string(' ', (int)error.Start.Column));
    }

    private static ComposeException Wrong(string file, long line, string message) =>
        new($"failed to parse {file}: yaml: {(line > 0 ? $"line {line}: " : "")}{message}");

    private YamlDocument? NextDocument()
    {
        while (_parser.MoveNext() && _parser.Current is not DocumentStart)
        {
        }
        if (_parser.Current is not DocumentStart)
            return null;
        _anchors.Clear();
        _resets.Clear();
        _parser.MoveNext();
        var root = ReadValue();
        return new YamlDocument(root ?? ScalarValue.Null(), [.. _resets]);
    }

    // Reads the value that begins at the current event and leaves the parser on its last event; null when the value is reset.
    private Value? ReadValue()
    {
        if (++_values > MostValues)
            throw Wrong(_file, _parser.Current!.Start.Line, "document contains excessive aliasing");
        switch (_parser.Current)
        {
            case AnchorAlias alias:
                return Resolve(alias);
            case Scalar scalar:
                return Note(scalar, IsReset(scalar) ? null : YamlScalar.Resolve(scalar, PositionOf(scalar)));
            case SequenceStart start:
                return Note(start, ReadList(start));
            case MappingStart start:
                return Note(start, ReadMap(start));
            default:
                throw Wrong(_file, _parser.Current?.Start.Line ?? 0, "a value is missing");
        }
    }

    private Value? Note(NodeEvent node, Value? value)
    {
        if (!node.Anchor.IsEmpty)
            _anchors[node.Anchor.Value] = value;
        return value;
    }

    private Value Resolve(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var value))
            throw Wrong(_file, alias.Start.Line, $"unknown anchor '{alias.Value.Value}' referenced");
        if (value is null)
            throw Wrong(_file, alias.Start.Line, $"anchor '{alias.Value.Value}' value contains itself");
        _values += Size(value);
        return value.Clone();
    }

    private static int Size(Value value) => value switch
    {
        MapValue map => 1 + map.Entries.Sum(static entry => Size(entry.Value)),
        ListValue list => 1 + list.Items.Sum(Size),
        _ => 1,
    };

    private ListValue? ReadList(SequenceStart start)
    {
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor.Value] = null;
        var reset = IsReset(start);
        var list = new ListValue(PositionOf(start));
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
        {
            _path.Add(list.Items.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (ReadValue() is { } item)
                list.Items.Add(item);
            _path.RemoveAt(_path.Count - 1);
        }
        return reset ? null : list;
    }

    private MapValue? ReadMap(MappingStart start)
    {
        if (!start.Anchor.IsEmpty)
            _anchors[start.Anchor.Value] = null;
        var reset = IsReset(start);
        var map = new MapValue(PositionOf(start));
        Value? merged = null;
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            var (key, position, isMerge) = ReadKey();
            _parser.MoveNext();
            if (!isMerge)
                _path.Add(key);
            var value = ReadValue();
            if (!isMerge)
                _path.RemoveAt(_path.Count - 1);
            if (isMerge)
                merged = value;
            else if (map.Contains(key))
                throw Wrong(_file, position.Line, $"mapping key \"{key}\" already defined at line {map.KeyPositions![key].Line}");
            else if (value is not null)
                map.Set(key, value, position);
        }
        if (merged is not null)
            Merge(map, merged);
        return reset ? null : map;
    }

    private (string Key, Position At, bool IsMerge) ReadKey()
    {
        var place = _path.Count == 0 ? "at top level" : $"in {string.Join('.', _path)}";
        if (_parser.Current is not (Scalar or AnchorAlias))
            throw Wrong(_file, _parser.Current?.Start.Line ?? 0, $"non-string key {place}");
        var at = PositionOf(_parser.Current);
        if (_parser.Current is Scalar { Value: "<<", Style: ScalarStyle.Plain } scalar && (scalar.Tag.IsEmpty || scalar.Tag.Value == "tag:yaml.org,2002:merge"))
            return ("<<", at, true);
        var key = ReadValue();
        return key?.AsText is { } text ? (text, at, false) : throw new ComposeException($"{_file}:{at.Line}: non-string key {place}: {key}");
    }

    private void Merge(MapValue map, Value merged)
    {
        var sources = merged is ListValue list ? list.Items : [merged];
        foreach (var source in sources)
        {
            if (source is not MapValue from)
                throw Wrong(_file, merged.At.Line, "map merge requires map or sequence of maps as the value");
            foreach (var (key, value) in from.Entries)
                if (!map.Contains(key))
                    map.Set(key, value.Clone(), from.PositionOf(key));
        }
    }

    // Both tags hide what other files say at this place; !reset also what is written here.
    private bool IsReset(NodeEvent node)
    {
        if (node.Tag.IsEmpty || node.Tag.Value is not ("!reset" or "!override"))
            return false;
        _resets.Add([.. _path]);
        return node.Tag.Value == "!reset";
    }

    private Position PositionOf(ParsingEvent at) => new(_file, (int)at.Start.Line, (int)at.Start.Column);
}
