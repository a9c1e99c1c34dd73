using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>Reads the blocks and attributes of a bake file in HCL. The values of attributes stay expressions (<see cref="HclDeferred"/>).</summary>
/// <param name="text">The text.</param>
/// <param name="file">Where it is from, for messages.</param>
internal sealed class HclReader(string text, string file)
{
    private readonly HclCursor _cursor = new(text, file);

    /// <summary>Reads it into <c>{kind: {label: {…}}}</c>.</summary>
    /// <exception cref="CommandException">It is malformed, or has what is not read.</exception>
    public MapValue Read()
    {
        var result = new MapValue();
        while (_cursor.Peek() != '\0')
        {
            var kind = _cursor.ReadName();
            if (_cursor.Peek() == '=')
            {
                // An attribute of the file itself is a variable with a value.
                _cursor.At++;
                var variable = new MapValue();
                variable["default"] = ReadValue();
                Section(result, "variable")[kind] = variable;
                continue;
            }
            if (kind is not ("target" or "group" or "variable" or "function"))
                throw _cursor.Wrong($"the block \"{kind}\" is unknown: target, group, variable and function are not");
            var label = ReadLabel();
            Section(result, kind)[label] = ReadBody();
        }
        return result;
    }

    private static MapValue Section(MapValue map, string name)
    {
        if (map.Map(name) is { } section)
            return section;
        var made = new MapValue();
        map[name] = made;
        return made;
    }

    private string ReadLabel()
    {
        if (_cursor.Peek() != '"')
            return _cursor.ReadName();
        _cursor.At++;
        var label = HclOperators.Text(new HclExpressions(_cursor).ReadTemplate('"', escapes: true)(HclScope.Empty));
        _cursor.At++;
        return label;
    }

    private MapValue ReadBody()
    {
        _cursor.Expect('{');
        var body = new MapValue();
        while (_cursor.Peek() != '}')
        {
            var name = ReadLabel();
            if (_cursor.Peek() == '{' && name == "validation")
            {
                if (body.List("validation") is null)
                    body["validation"] = new ListValue();
                body.List("validation")!.Items.Add(ReadBody());
                continue;
            }
            _cursor.Expect('=');
            body[name] = ReadValue();
            if (_cursor.Peek() == ',')
                _cursor.At++;
        }
        _cursor.At++;
        return body;
    }

    private HclDeferred ReadValue()
    {
        var value = new HclDeferred(new HclExpressions(_cursor).Read());
        return _cursor.PeekInExpression() is '\0' or '}' or ',' ? value : throw _cursor.Wrong($"unexpected {_cursor.Current} behind a value");
    }
}
