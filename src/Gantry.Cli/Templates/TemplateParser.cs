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
                if (keyword == "end")
                    Expect(TokenKind.Close);
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
                if (_loops == 0)
                    throw Failure($"{{{{{keyword}}}}} outside {{{{range}}}}");
                _at++;
                SkipSpace();
                Expect(TokenKind.Close);
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
        var pipeline = ParsePipeline(TokenKind.Close);
        return new ActionNode(pipeline);
    }

    private void ParseDefinition()
    {
        var name = ParseName("define clause");
        Expect(TokenKind.Close);
        _named[name] = ParseNamedBody();
    }

    private InvocationNode ParseInvocation(string context)
    {
        var position = Current.Position;
        var name = ParseName(context);
        if (Current.Kind != TokenKind.Close)
            return new InvocationNode(name, ParsePipeline(TokenKind.Close), position);
        _at++;
        return new InvocationNode(name, null, position);
    }

    private string ParseName(string context)
    {
        _at++;
        SkipSpace();
        var token = _tokens[_at++];
        if (token.Kind != TokenKind.StringLiteral)
            throw Failure($"unexpected \"{token.Value}\" in {context}");
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
        var pipeline = ParsePipeline(TokenKind.Close, kind == BranchKind.Range);
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
        Expect(TokenKind.Close);
        var nodes = ParseList(out var closing);
        return closing == "end" ? nodes : throw Failure(closing is null ? "unexpected EOF" : "expected end; found {{else}}");
    }

    private Pipeline ParsePipeline(TokenKind end, bool range = false)
    {
        SkipSpace();
        var (variables, declares) = ParseVariables(range);
        var commands = new List<IReadOnlyList<Operand>>();
        while (true)
        {
            commands.Add(ParseCommand());
            SkipSpace();
            var token = _tokens[_at++];
            if (token.Kind == end)
                break;
            if (token.Kind != TokenKind.Pipe)
                throw Unexpected(token);
        }
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
                return declares || names.TrueForAll(_variables.Contains) ? (names, declares) : throw Failure($"undefined variable \"{names[0]}\"");
            }
            if (!range || Current.Kind != TokenKind.Comma)
                break;
            _at++;
            SkipSpace();
        }
        // A variable that is not followed by := or = is an operand.
        _at = start;
        return ([], false);
    }

    private List<Operand> ParseCommand()
    {
        var operands = new List<Operand>();
        SkipSpace();
        while (true)
        {
            if (Current.Kind is TokenKind.Pipe or TokenKind.Close or TokenKind.CloseParenthesis or TokenKind.End)
                return operands.Count > 0 ? WithCall(operands) : throw Failure("missing value for command");
            operands.Add(ParseOperand());
            if (Current.Kind == TokenKind.Space)
                SkipSpace();
            else if (Current.Kind is not (TokenKind.Pipe or TokenKind.Close or TokenKind.CloseParenthesis))
                throw Unexpected(Current);
        }
    }

    private static List<Operand> WithCall(List<Operand> operands)
    {
        if (operands[0] is FunctionOperand function)
            operands[0] = function with { Call = string.Join(' ', operands.Select(static operand => operand.Source)), Source = string.Join(' ', operands.Select(static operand => operand.Source)) };
        return operands;
    }

    private Operand ParseOperand()
    {
        var token = _tokens[_at++];
        switch (token.Kind)
        {
            case TokenKind.StringLiteral:
                return new LiteralOperand(token.Value, token.Position, $"\"{token.Value}\"");
            case TokenKind.Number:
                return new LiteralOperand(ParseNumber(token), token.Position, token.Value);
            case TokenKind.Identifier when token.Value is "true" or "false":
                return new LiteralOperand(token.Value == "true", token.Position, token.Value);
            case TokenKind.Identifier when token.Value == "nil":
                return new LiteralOperand(null, token.Position, token.Value);
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
                return ParseChain(null, ParsePipeline(TokenKind.CloseParenthesis), [], token);
            default:
                throw Unexpected(token);
        }
    }

    private ChainOperand ParseChain(string? variable, Pipeline? inner, List<string> fields, Token first)
    {
        // As in Go, an error in a chain is reported at its second link.
        var position = Current.Kind == TokenKind.Field ? Current.Position : first.Position;
        while (Current.Kind == TokenKind.Field)
            fields.Add(_tokens[_at++].Value[1..]);
        var end = _tokens[_at - 1];
        var text = inner is null ? source[first.Position..(end.Position + end.Value.Length)] : "(" + string.Join('.', ["…)", .. fields]);
        return new ChainOperand(variable, inner, fields, position, text);
    }

    private object ParseNumber(Token token)
    {
        var digits = token.Value.Replace("_", "", StringComparison.Ordinal);
        if (long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole))
            return whole;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && long.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal))
            return hexadecimal;
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var real)
            ? real
            : throw Failure($"bad number syntax: \"{token.Value}\"");
    }

    private void SkipSpace()
    {
        while (Current.Kind == TokenKind.Space)
            _at++;
    }

    private void Expect(TokenKind kind)
    {
        var token = _tokens[_at++];
        if (token.Kind != kind)
            throw Unexpected(token);
    }

    private TemplateException Unexpected(Token token) => token.Kind == TokenKind.End
        ? Failure("unexpected EOF")
        : Failure($"unexpected \"{token.Value}\" in operand");

    private TemplateException Failure(string message)
    {
        var position = _tokens[Math.Min(_at, _tokens.Count - 1)].Position;
        return new TemplateException($"template: :{TemplateScanner.LineOf(source, position)}: {message}");
    }
}
