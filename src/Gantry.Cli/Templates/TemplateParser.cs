using System.Globalization;

namespace Gantry.Cli.Templates;

/// <summary>Builds the tree of a template from its tokens.</summary>
internal sealed class TemplateParser(string source)
{
    private readonly List<Token> _tokens = new TemplateScanner(source).Scan();
    private readonly Dictionary<string, IReadOnlyList<Node>> _named = new(StringComparer.Ordinal);
    private HashSet<string> _variables = ["$"];
    private int _at;
    private int _loops;
    private int _depth;

    /// <summary>The templates that are defined inside (<c>define</c>, <c>block</c>), by name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Node>> Named => _named;

    /// <summary>Parses the whole template.</summary>
    /// <exception cref="TemplateException">It is malformed.</exception>
    public IReadOnlyList<Node> Parse()
    {
        var nodes = ParseList(out var closing);
        return closing is null ? nodes : throw Failure($"unexpected {{{{{closing}}}}}");
    }

    private Token Current => _tokens[_at];

    /// <summary>Parses up to <c>{{end}}</c> or <c>{{else…}}</c>, whose keyword it hands back (null: end of the template).</summary>
    private List<Node> ParseList(out string? closing)
    {
        var nodes = new List<Node>();
        while (true)
        {
            var token = _tokens[_at++];
            switch (token.Kind)
            {
                case TokenKind.End:
                    closing = null;
                    return nodes;
                case TokenKind.Text:
                    nodes.Add(new TextNode(token.Value));
                    continue;
            }
            SkipSpace();
            var keyword = Current.Kind == TokenKind.Identifier ? Current.Value : "";
            if (keyword is "end" or "else")
            {
                _at++;
                SkipSpace();
                closing = keyword;
                if (keyword == "end" || Current is not { Kind: TokenKind.Identifier, Value: "if" or "with" })
                    Expect(TokenKind.Close, keyword);
                return nodes;
            }
            if (keyword == "define" && _depth == 0)
                ParseDefinition();
            else
                nodes.Add(ParseAction(keyword));
        }
    }

    private Node ParseAction(string keyword)
    {
        switch (keyword)
        {
            case "if":
                _at++;
                return ParseBranch(BranchKind.If);
            case "with":
                _at++;
                return ParseBranch(BranchKind.With);
            case "range":
                _at++;
                return ParseBranch(BranchKind.Range);
            case "break" or "continue":
                _at++;
                SkipSpace();
                Expect(TokenKind.Close, $"{{{{{keyword}}}}}");
                if (_loops == 0)
                    throw Failure($"{{{{{keyword}}}}} outside {{{{range}}}}");
                return new LoopJumpNode(keyword == "break");
            case "template":
                return ParseInvocation("template clause");
            case "block":
                var block = ParseInvocation("block clause");
                _named[block.Name] = ParseNamedBody();
                return block;
            case "define":
                throw Failure("unexpected {{define}}");
        }
        return new ActionNode(ParsePipeline(TokenKind.Close, "command"));
    }

    private void ParseDefinition()
    {
        var name = ParseName("define clause");
        Expect(TokenKind.Close, "define clause");
        _named[name] = ParseNamedBody();
    }

    private InvocationNode ParseInvocation(string context)
    {
        var open = Current.Position;
        var name = ParseName(context);
        var position = source.IndexOfAny(['"', '`'], open);
        if (Current.Kind == TokenKind.Close)
        {
            _at++;
            return new InvocationNode(name, null, position, $"{{{{template {GoText.Quote(name, ascii: false)}}}}}");
        }
        var start = Current.Position;
        var pipeline = ParsePipeline(TokenKind.Close, context);
        return new InvocationNode(name, pipeline, position,
            $"{{{{template {GoText.Quote(name, ascii: false)} {source[start.._tokens[_at - 1].Position].Trim()}}}}}");
    }

    private string ParseName(string context)
    {
        _at++;
        SkipSpace();
        var token = _tokens[_at++];
        if (token.Kind != TokenKind.StringLiteral)
            throw Unexpected(token, context);
        SkipSpace();
        return token.Value;
    }

    // A named template knows no variables of the others, and is in no loop of theirs.
    private List<Node> ParseNamedBody()
    {
        var (variables, loops) = (_variables, _loops);
        (_variables, _loops) = (["$"], 0);
        _depth++;
        var body = ParseList(out var closing);
        _depth--;
        (_variables, _loops) = (variables, loops);
        return closing == "end" ? body : throw Failure(closing is null ? "unexpected EOF" : "unexpected {{else}}");
    }

    private BranchNode ParseBranch(BranchKind kind)
    {
        var scope = _variables.ToArray();
        var pipeline = ParsePipeline(TokenKind.Close, kind switch { BranchKind.If => "if", BranchKind.With => "with", _ => "range" }, kind == BranchKind.Range);
        if (kind == BranchKind.Range)
            _loops++;
        _depth++;
        var body = ParseList(out var closing);
        _depth--;
        if (kind == BranchKind.Range)
            _loops--;
        IReadOnlyList<Node> otherwise = [];
        if (closing == "else")
            otherwise = ParseElse(kind);
        else if (closing is null)
            throw Failure("unexpected EOF");
        _variables.Clear();
        _variables.UnionWith(scope);
        return new BranchNode(kind, pipeline, body, otherwise);
    }

    private IReadOnlyList<Node> ParseElse(BranchKind kind)
    {
        // {{else if …}} and {{else with …}} nest another branch that shares the {{end}}.
        if (Current is { Kind: TokenKind.Identifier, Value: "if" or "with" } && kind != BranchKind.Range)
        {
            var inner = Current.Value == "if" ? BranchKind.If : BranchKind.With;
            _at++;
            return [ParseBranch(inner)];
        }
        var nodes = ParseList(out var closing);
        return closing == "end" ? nodes : throw Failure(closing is null ? "unexpected EOF" : "expected end; found {{else}}");
    }

    private Pipeline ParsePipeline(TokenKind end, string context, bool range = false)
    {
        SkipSpace();
        var (variables, declares) = ParseVariables(range);
        var commands = new List<IReadOnlyList<Operand>>();
        while (true)
        {
            SkipSpace();
            if (Current.Kind == end)
                break;
            // A command that nothing follows may end with a pipe, as in Go.
            commands.Add(ParseCommand(context));
        }
        if (commands.Count == 0)
            throw Failure($"missing value for {context}");
        _at++;
        if (declares)
            _variables.UnionWith(variables);
        return new Pipeline(variables, declares, commands);
    }

    private (List<string> Names, bool Declares) ParseVariables(bool range)
    {
        var start = _at;
        var names = new List<string>();
        while (Current.Kind == TokenKind.Variable)
        {
            names.Add(Current.Value);
            _at++;
            SkipSpace();
            if (Current.Kind is TokenKind.Declare or TokenKind.Assign)
            {
                var declares = Current.Kind == TokenKind.Declare;
                _at++;
                return (names, declares);
            }
            if (!range || Current.Kind != TokenKind.Comma)
                break;
            if (names.Count == 2)
                throw Failure("too many declarations in range");
            _at++;
            SkipSpace();
        }
        // A variable that is not followed by := or = is an operand.
        _at = start;
        return ([], false);
    }

    private List<Operand> ParseCommand(string context)
    {
        if (Current.Kind is TokenKind.Pipe or TokenKind.Close or TokenKind.CloseParenthesis or TokenKind.End or TokenKind.Comma or TokenKind.Assign
            or TokenKind.Declare or TokenKind.Character)
            throw Unexpected(Current, context);
        var operands = new List<Operand>();
        while (true)
        {
            operands.Add(ParseOperand());
            var isParted = Current.Kind == TokenKind.Space;
            SkipSpace();
            if (Current.Kind is TokenKind.Close or TokenKind.CloseParenthesis)
                return WithCall(operands);
            if (Current.Kind == TokenKind.Pipe)
            {
                _at++;
                return WithCall(operands);
            }
            if (!isParted)
                throw Unexpected(Current, "operand");
        }
    }

    private static List<Operand> WithCall(List<Operand> operands)
    {
        if (operands[0] is FunctionOperand function)
            operands[0] = function with { Source = string.Join(' ', operands.Select(static operand => operand.Text)) };
        return operands;
    }

    private Operand ParseOperand()
    {
        var token = _tokens[_at++];
        switch (token.Kind)
        {
            case TokenKind.StringLiteral:
                return Literal(token.Value, token);
            case TokenKind.Number:
                return Literal(ParseNumber(token), token);
            case TokenKind.Identifier when token.Value is "true" or "false":
                return Literal(token.Value == "true", token);
            case TokenKind.Identifier when token.Value == "nil":
                return Literal(null, token);
            case TokenKind.Identifier:
                return TemplateFunctions.Exists(token.Value)
                    ? new FunctionOperand(token.Value, token.Position, token.Value)
                    : throw Failure($"function \"{token.Value}\" not defined");
            case TokenKind.Dot:
                return new ChainOperand(null, null, [], token.Position, ".");
            case TokenKind.Field:
                return ParseChain(null, null, [token.Value[1..]], token);
            case TokenKind.Variable:
                return _variables.Contains(token.Value)
                    ? ParseChain(token.Value, null, [], token)
                    : throw Failure($"undefined variable \"{token.Value}\"");
            case TokenKind.OpenParenthesis:
                return ParseChain(null, ParsePipeline(TokenKind.CloseParenthesis, "parenthesized pipeline"), [], token);
            default:
                throw Unexpected(token, "operand");
        }
    }

    private LiteralOperand Literal(object? value, Token token)
    {
        var text = source[token.Position..Current.Position];
        return Current.Kind == TokenKind.Field ? throw Failure($"unexpected . after term {GoText.Quote(text, ascii: false)}")
            : new LiteralOperand(value, token.Position, text);
    }

    private ChainOperand ParseChain(string? variable, Pipeline? inner, List<string> fields, Token first)
    {
        // As in Go, an error in a chain is reported at its second link.
        var position = Current.Kind == TokenKind.Field ? Current.Position : first.Position;
        while (Current.Kind == TokenKind.Field)
            fields.Add(_tokens[_at++].Value[1..]);
        var end = _tokens[_at - 1];
        if (inner is not null)
        {
            // Of a pipeline's value Go complains at what it came to last.
            var operand = inner.Commands[^1][^1];
            return new ChainOperand(variable, inner, fields, operand.Position, operand.Source);
        }
        var text = source[first.Position..(end.Position + end.Value.Length)];
        return new ChainOperand(variable, inner, fields, position, text);
    }

    /// <summary>As Go reads numbers: by their prefix, octal with a zero before, with low lines between digits.</summary>
    private object ParseNumber(Token token)
    {
        var digits = token.Value.Replace("_", "", StringComparison.Ordinal);
        var (sign, magnitude) = digits[0] is '-' or '+' ? (digits[0] == '-' ? -1 : 1, digits[1..]) : (1, digits);
        if (magnitude.Trim('.').Length == 0)
            throw Failure($"illegal number syntax: {GoText.Quote(token.Value, ascii: false)}");
        var (radix, start) = magnitude switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', _, ..] when magnitude.All(static letter => letter is >= '0' and <= '7') => (8, 1),
            _ => (10, 0),
        };
        if (TryParse(magnitude.AsSpan(start), radix, out var whole))
            return sign * whole;
        if (!double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var real))
            throw Failure($"bad number syntax: {GoText.Quote(token.Value, ascii: false)}");
        // A constant that is whole is whole, however it is written: 1e3.
        return Math.Abs(real) < long.MaxValue && Math.Floor(real) == real && !digits.Contains('.', StringComparison.Ordinal) ? (long)real : real;
    }

    private static bool TryParse(ReadOnlySpan<char> digits, int radix, out long value)
    {
        value = 0;
        foreach (var letter in digits)
        {
            var digit = char.IsAsciiHexDigit(letter) ? Convert.ToInt32(letter.ToString(), 16) : radix;
            if (digit >= radix || value > (long.MaxValue - digit) / radix)
                return false;
            value = value * radix + digit;
        }
        return digits.Length > 0;
    }

    private void SkipSpace()
    {
        while (Current.Kind == TokenKind.Space)
            _at++;
    }

    private void Expect(TokenKind kind, string context)
    {
        var token = _tokens[_at++];
        if (token.Kind != kind)
            throw Unexpected(token, context);
    }

    private TemplateException Unexpected(Token token, string context)
    {
        const int most = 10;
        var text = token.Kind is TokenKind.StringLiteral && _at < _tokens.Count ? source[token.Position..Math.Max(_tokens[_at].Position, token.Position + 1)]
            : token.Value;
        return Failure(token.Kind switch
        {
            TokenKind.End => "unexpected EOF",
            TokenKind.Dot => $"unexpected <.> in {context}",
            TokenKind.Identifier when text is "block" or "break" or "continue" or "define" or "else" or "end" or "if" or "range" or "nil" or "template"
                or "with" => $"unexpected <{text}> in {context}",
            _ when text.Length > most => $"unexpected {GoText.Quote(text[..most], ascii: false)}... in {context}",
            _ => $"unexpected {GoText.Quote(text, ascii: false)} in {context}",
        });
    }

    private TemplateException Failure(string message)
    {
        var position = _tokens[Math.Min(_at, _tokens.Count - 1)].Position;
        return new TemplateException($"template: :{TemplateScanner.LineOf(source, position)}: {message}");
    }
}
