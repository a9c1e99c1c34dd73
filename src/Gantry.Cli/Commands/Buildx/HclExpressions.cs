using System.Globalization;
using System.Text;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>An expression of HCL: what it is worth is known when variables are.</summary>
internal delegate Value HclExpression(HclScope scope);

/// <summary>A value in a bake file that is still an expression.</summary>
/// <param name="expression">The expression.</param>
internal sealed class HclDeferred(HclExpression expression) : Value(default)
{
    /// <summary>What it is worth.</summary>
    public Value Evaluate(HclScope scope) => expression(scope);

    /// <inheritdoc/>
    public override Value Clone() => this;
}

/// <summary>Parses expressions of HCL, by descent.</summary>
/// <param name="cursor">Where.</param>
internal sealed class HclExpressions(HclCursor cursor)
{
    private const int MostNesting = 64;
    private int _nesting;

    /// <summary>Reads one.</summary>
    /// <exception cref="CommandException">It is malformed.</exception>
    public HclExpression Read()
    {
        if (++_nesting > MostNesting)
            throw cursor.Wrong($"it is nested deeper than {MostNesting}");
        var condition = ReadBinary(0);
        _nesting--;
        if (!cursor.TryTake("?"))
            return condition;
        var yes = Read();
        cursor.Expect(':');
        var no = Read();
        return scope => HclOperators.IsTrue(condition(scope)) ? yes(scope) : no(scope);
    }

    /// <summary>Reads a text with <c>${...}</c> in it, up to a character, or to the end of all.</summary>
    /// <param name="end">The character; null: the end.</param>
    /// <param name="escapes">Whether a backslash means something.</param>
    public HclExpression ReadTemplate(char? end, bool escapes)
    {
        var parts = new List<HclExpression>();
        var literal = new StringBuilder();
        while (!cursor.IsAtEnd && cursor.Current != end)
        {
            var current = cursor.Current;
            if (current == '\n' && end is not null)
                throw cursor.Wrong("a text ends within its line");
            cursor.At++;
            if (escapes && current == '\\')
                literal.Append(ReadEscape());
            else if (current is '$' or '%' && cursor.Current == current && NextIsBrace())
                literal.Append(current).Append(Take(2)[1..]);
            else if (current == '%' && cursor.Current == '{')
                throw cursor.Wrong("directives of templates (%{) are not implemented in this version of Gantry");
            else if (current == '$' && cursor.Current == '{')
                parts.AddRange(Literal(literal), ReadInterpolation());
            else
                literal.Append(current);
        }
        if (end is not null && cursor.IsAtEnd)
            throw cursor.Wrong("a text has no end");
        // Alone, an expression keeps its kind.
        if (parts.Count == 2 && literal.Length == 0 && parts[0](HclScope.Empty) is ScalarValue { Text: "" })
            return parts[1];
        parts.Add(Literal(literal));
        return scope => ScalarValue.Of(string.Concat(parts.Select(part => HclOperators.Text(part(scope)))));
    }

    private HclExpression ReadInterpolation()
    {
        cursor.At++;
        return Bracketed('}', Read);
    }

    private bool NextIsBrace()
    {
        cursor.At++;
        var isBrace = cursor.Current == '{';
        cursor.At--;
        return isBrace;
    }

    private string Take(int count)
    {
        var start = cursor.At;
        cursor.At += count;
        return cursor.Since(start);
    }

    private static HclExpression Literal(StringBuilder literal)
    {
        var value = ScalarValue.Of(literal.ToString());
        literal.Clear();
        return _ => value;
    }

    private char ReadEscape()
    {
        var escape = cursor.Current;
        cursor.At++;
        return escape switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '"' or '\\' => escape,
            'u' => int.TryParse(Take(4), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var code) ? (char)code
                : throw cursor.Wrong("\\u without four digits"),
            _ => throw cursor.Wrong($"unknown escape \\{escape}"),
        };
    }

    private HclExpression ReadBinary(int level)
    {
        if (level == HclOperators.Levels.Count)
            return ReadUnary();
        var left = ReadBinary(level + 1);
        while (HclOperators.Levels[level].FirstOrDefault(cursor.Follows) is { } symbol)
        {
            cursor.TryTake(symbol);
            var (before, after) = (left, ReadBinary(level + 1));
            left = scope => HclOperators.Apply(symbol, before(scope), () => after(scope));
        }
        return left;
    }

    private HclExpression ReadUnary()
    {
        if (!cursor.Follows("!=") && cursor.TryTake("!"))
        {
            var negated = ReadUnary();
            return scope => ScalarValue.Of(!HclOperators.IsTrue(negated(scope)));
        }
        if (cursor.TryTake("-"))
        {
            var number = ReadUnary();
            return scope => HclOperators.Number(-HclOperators.Number(number(scope)));
        }
        var value = ReadPrimary();
        while (cursor.PeekInExpression() is '[' || (cursor.Current == '.' && !cursor.Follows("...")))
        {
            var container = value;
            HclExpression index;
            if (cursor.Current == '.')
            {
                cursor.At++;
                var name = ScalarValue.Of(cursor.ReadName());
                index = _ => name;
            }
            else
            {
                cursor.At++;
                index = Bracketed(']', Read);
            }
            value = scope => HclOperators.Element(container(scope), index(scope));
        }
        return value;
    }

    private HclExpression ReadPrimary()
    {
        switch (cursor.PeekInExpression())
        {
            case '"':
                cursor.At++;
                var template = ReadTemplate('"', escapes: true);
                cursor.At++;
                return template;
            case '(':
                cursor.At++;
                return Bracketed(')', Read);
            case '[':
                cursor.At++;
                return Bracketed(']', () => TryReadFor(isObject: false) ?? ReadList(']'));
            case '{':
                cursor.At++;
                return Bracketed('}', () => TryReadFor(isObject: true) ?? ReadObject());
            case '<':
                return ReadDocument();
            case var first when char.IsAsciiDigit(first):
                return ReadNumber();
            default:
                return ReadWord();
        }
    }

    private T Bracketed<T>(char end, Func<T> read)
    {
        cursor.Brackets++;
        var value = read();
        cursor.Expect(end);
        cursor.Brackets--;
        return value;
    }

    private HclExpression ReadList(char end)
    {
        var items = new List<HclExpression>();
        while (cursor.Peek() != end)
        {
            items.Add(Read());
            if (!cursor.TryTake(","))
                break;
        }
        return scope =>
        {
            var list = new ListValue();
            list.Items.AddRange(items.Select(item => item(scope)));
            return list;
        };
    }

    private HclExpression ReadObject()
    {
        var members = new List<(HclExpression Key, HclExpression Value)>();
        while (cursor.Peek() != '}')
        {
            var key = ReadKey();
            if (!cursor.TryTake("=") && !cursor.TryTake(":"))
                throw cursor.Wrong("expected = after a key");
            members.Add((key, Read()));
            cursor.TryTake(",");
        }
        return scope =>
        {
            var map = new MapValue();
            foreach (var (key, value) in members)
                map[HclOperators.Text(key(scope))] = value(scope);
            return map;
        };
    }

    /// <summary>A name by itself is a text there, not a variable.</summary>
    private HclExpression ReadKey()
    {
        if (cursor.Peek() is '"' or '(')
            return ReadPrimary();
        var name = ScalarValue.Of(cursor.ReadName());
        return _ => name;
    }

    /// <summary><c>for k, v in list : value if condition</c>, in an object <c>key => value</c>.</summary>
    private HclExpression? TryReadFor(bool isObject)
    {
        var start = cursor.At;
        if (!char.IsAsciiLetter(cursor.Peek()) || cursor.ReadName() != "for" || !char.IsAsciiLetter(cursor.Peek()))
        {
            cursor.At = start;
            return null;
        }
        var first = cursor.ReadName();
        var second = cursor.TryTake(",") ? cursor.ReadName() : null;
        if (cursor.ReadName() != "in")
            throw cursor.Wrong("expected in");
        var all = Read();
        cursor.Expect(':');
        var key = isObject ? Read() : null;
        if (isObject && !cursor.TryTake("=>"))
            throw cursor.Wrong("expected =>");
        var value = Read();
        HclExpression? condition = null;
        if (cursor.Follows("if"))
        {
            cursor.ReadName();
            condition = Read();
        }
        return new HclLoop(first, second, all, key, value, condition).Evaluate;
    }

    private HclExpression ReadDocument()
    {
        if (!cursor.TryTake("<<"))
            throw cursor.Wrong("unexpected <");
        var isIndented = cursor.TryTake("-");
        var marker = cursor.ReadLine().Trim();
        var lines = new List<string>();
        while (true)
        {
            if (cursor.IsAtEnd)
                throw cursor.Wrong($"the document has no end: {marker}");
            var line = cursor.ReadLine();
            if (line.Trim() == marker)
                break;
            lines.Add(line);
        }
        cursor.BackToLineEnd();
        if (isIndented)
        {
            var common = lines.Where(static line => line.Trim().Length > 0).Select(static line => line.Length - line.TrimStart().Length).DefaultIfEmpty().Min();
            lines = lines.ConvertAll(line => line[Math.Min(common, line.Length)..]);
        }
        return new HclExpressions(new HclCursor(string.Concat(lines.Select(static line => line + "\n")), marker)).ReadTemplate(null, escapes: false);
    }

    private HclExpression ReadNumber()
    {
        var start = cursor.At;
        while (char.IsAsciiDigit(cursor.Current) || cursor.Current is '.' or 'e' or 'E')
            cursor.At++;
        if (!decimal.TryParse(cursor.Since(start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            throw cursor.Wrong($"{cursor.Since(start)} is no number");
        var value = HclOperators.Number(number);
        return _ => value;
    }

    private HclExpression ReadWord()
    {
        var name = cursor.ReadName();
        if (cursor.Current == '(')
        {
            cursor.At++;
            var list = Bracketed(')', () => ReadArguments());
            var wrong = cursor.Wrong($"the function {name}() is not implemented in this version of Gantry");
            return scope => scope.Call(name, list(scope), wrong);
        }
        Value? constant = name switch { "true" or "false" => ScalarValue.Of(name == "true"), "null" => ScalarValue.Null(), _ => null };
        if (constant is not null)
            return _ => constant;
        return scope => scope.Variable(name);
    }

    /// <summary>Arguments of a function; the last may be a list of further ones: <c>list...</c></summary>
    private Func<HclScope, List<Value>> ReadArguments()
    {
        var items = new List<HclExpression>();
        var isSpread = false;
        while (cursor.Peek() != ')')
        {
            items.Add(Read());
            isSpread = cursor.TryTake("...");
            if (!cursor.TryTake(","))
                break;
        }
        return scope =>
        {
            var values = items.ConvertAll(item => item(scope));
            if (isSpread && values[^1] is ListValue last)
                values = [.. values.Take(values.Count - 1), .. last.Items];
            return values;
        };
    }
}

/// <summary>A <c>for</c> of HCL.</summary>
internal sealed record HclLoop(string First, string? Second, HclExpression All, HclExpression? Key, HclExpression Value, HclExpression? Condition)
{
    /// <summary>The list, or the object, that it makes.</summary>
    public Value Evaluate(HclScope scope)
    {
        var (list, map) = (new ListValue(), new MapValue());
        foreach (var (key, element) in Pairs(All(scope)))
        {
            var inner = Second is null ? scope.With(First, element) : scope.With(First, key).With(Second, element);
            if (Condition is not null && !HclOperators.IsTrue(Condition(inner)))
                continue;
            if (Key is null)
                list.Items.Add(Value(inner));
            else
                map[HclOperators.Text(Key(inner))] = Value(inner);
        }
        return Key is null ? list : map;
    }

    private static IEnumerable<(Value Key, Value Element)> Pairs(Value all) => all switch
    {
        ListValue list => list.Items.Select(static (item, number) => ((Value)ScalarValue.Of((long)number), item)),
        MapValue map =>
            map.Entries.OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => ((Value)ScalarValue.Of(entry.Key), entry.Value)),
        _ => throw new CommandException("for needs a list or an object"),
    };
}
