using System.Text;

namespace Gantry.Cli.Templates;

/// <summary>One execution of a template.</summary>
internal sealed class TemplateRunner
{
    // Go's bound is 100,000; a stack here is smaller.
    private const int MostDepth = 1000;

    private readonly string _source;
    private readonly IReadOnlyDictionary<string, IReadOnlyList<Node>> _named;
    private readonly StringBuilder _output;
    private readonly bool _header;
    private readonly int _depth;
    private readonly List<(string Name, object? Value)> _variables = [];

    public TemplateRunner(
        string source, IReadOnlyDictionary<string, IReadOnlyList<Node>> named, StringBuilder output, object? root, bool header, int depth = 0)
    {
        _source = source;
        _named = named;
        _depth = depth;
        _output = output;
        _header = header;
        _variables.Add(("$", root));
    }

    private enum Jump
    {
        None, Break, Continue,
    }

    /// <summary>Executes the nodes of the whole template.</summary>
    public void Run(IReadOnlyList<Node> nodes, object? cursor) => Walk(nodes, cursor);

    private Jump Walk(IReadOnlyList<Node> nodes, object? cursor)
    {
        for (var index = 0; index < nodes.Count; index++)
        {
            switch (nodes[index])
            {
                case TextNode text:
                    _output.Append(text.Text);
                    break;
                case ActionNode action:
                    var value = Evaluate(action.Pipeline, cursor);
                    if (action.Pipeline.Variables.Count == 0)
                        _output.Append(TemplateValue.Print(value));
                    else
                        SetVariables(action.Pipeline, value);
                    break;
                case InvocationNode invocation:
                    Invoke(invocation, cursor);
                    break;
                case LoopJumpNode jump:
                    return jump.Break ? Jump.Break : Jump.Continue;
                case BranchNode branch:
                    var result = WalkBranch(branch, cursor);
                    if (result != Jump.None)
                        return result;
                    break;
            }
        }
        return Jump.None;
    }

    private void Invoke(InvocationNode invocation, object? cursor)
    {
        if (!_named.TryGetValue(invocation.Name, out var nodes))
            throw Failure(invocation.Position, invocation.Source, $"template \"{invocation.Name}\" not defined");
        if (_depth == MostDepth)
            throw new TemplateException($"template: exceeded maximum template depth ({MostDepth})");
        var value = invocation.Pipeline is null ? null : Evaluate(invocation.Pipeline, cursor);
        new TemplateRunner(_source, _named, _output, value, _header, _depth + 1).Run(nodes, value);
    }

    private Jump WalkBranch(BranchNode branch, object? cursor)
    {
        var scope = _variables.Count;
        var value = Evaluate(branch.Pipeline, cursor);
        Jump result;
        if (branch.Kind == BranchKind.Range)
        {
            result = WalkRange(branch, value, cursor);
        }
        else
        {
            if (branch.Pipeline.Variables.Count > 0)
                SetVariables(branch.Pipeline, value);
            result = TemplateValue.IsTrue(value)
                ? Walk(branch.Body, branch.Kind == BranchKind.With ? value : cursor)
                : Walk(branch.Otherwise, cursor);
        }
        _variables.RemoveRange(scope, _variables.Count - scope);
        return result;
    }

    private Jump WalkRange(BranchNode branch, object? value, object? cursor)
    {
        var any = false;
        foreach (var (key, item) in Enumerate(value)
            ?? throw Failure(Argument(branch.Pipeline), $"range can't iterate over {TemplateValue.PrintNested(value)}"))
        {
            any = true;
            var scope = _variables.Count;
            var names = branch.Pipeline.Variables;
            if (names.Count == 1)
                SetVariable(names[0], item, branch.Pipeline);
            else if (names.Count == 2)
            {
                SetVariable(names[0], key, branch.Pipeline);
                SetVariable(names[1], item, branch.Pipeline);
            }
            var jump = Walk(branch.Body, item);
            _variables.RemoveRange(scope, _variables.Count - scope);
            if (jump == Jump.Break)
                break;
        }
        return any ? Jump.None : Walk(branch.Otherwise, cursor);
    }

    /// <summary>What a loop is about, as errors name it.</summary>
    private static Operand Argument(Pipeline pipeline) => pipeline.Commands[^1][0];

    /// <returns>Null: it is nothing to iterate over.</returns>
    private static IEnumerable<(object? Key, object? Item)>? Enumerate(object? value) => TypedValue.Unwrap(value) switch
    {
        null => [],
        TemplateMap map => map.Names.Select(name => ((object?)name, map.TryGet(name, out var member) ? member : null)),
        IReadOnlyList<object?> list => list.Select(static (item, index) => ((object?)(long)index, item)),
        long count => Enumerable.Range(0, (int)Math.Clamp(count, 0, int.MaxValue)).Select(static index => ((object?)(long)index, (object?)(long)index)),
        _ => null,
    };

    private void SetVariables(Pipeline pipeline, object? value)
    {
        foreach (var name in pipeline.Variables)
            SetVariable(name, value, pipeline);
    }

    private void SetVariable(string name, object? value, Pipeline pipeline)
    {
        if (!pipeline.Declares)
        {
            for (var index = _variables.Count - 1; index >= 0; index--)
            {
                if (_variables[index].Name == name)
                {
                    _variables[index] = (name, value);
                    return;
                }
            }
            throw Failure(Argument(pipeline), $"undefined variable: {name}");
        }
        _variables.Add((name, value));
    }

    private object? Variable(string name) => _variables.FindLast(variable => variable.Name == name).Value;

    private object? Evaluate(Pipeline pipeline, object? cursor)
    {
        object? value = null;
        for (var index = 0; index < pipeline.Commands.Count; index++)
            value = EvaluateCommand(pipeline.Commands[index], cursor, index > 0, value);
        return value;
    }

    private object? EvaluateCommand(IReadOnlyList<Operand> command, object? cursor, bool piped, object? previous)
    {
        var first = command[0];
        if (first is FunctionOperand { Name: "and" or "or" } logic)
            return EvaluateLogic(logic, command, cursor, piped, previous);
        var arguments = EvaluateArguments(command, cursor, piped, previous);
        if (first is FunctionOperand function)
            return Call(function, command, arguments, _header);
        if (first is LiteralOperand { Value: null, Source: "nil" })
            throw Failure(first, "nil is not a command");
        if (arguments.Count > 0 && first is not ChainOperand { Fields.Count: > 0 })
            throw Failure(first, $"can't give argument to non-function {first.Source}");
        return EvaluateOperand(first, cursor, arguments);
    }

    private IReadOnlyList<object?> EvaluateArguments(IReadOnlyList<Operand> command, object? cursor, bool piped, object? previous)
    {
        if (command.Count == 1 && !piped)
            return [];
        var arguments = new List<object?>();
        for (var index = 1; index < command.Count; index++)
            arguments.Add(EvaluateOperand(command[index], cursor, []));
        if (piped)
            arguments.Add(previous);
        return arguments;
    }

    private object? EvaluateLogic(FunctionOperand logic, IReadOnlyList<Operand> command, object? cursor, bool piped, object? previous)
    {
        if (command.Count == 1 && !piped)
            throw Failure(logic.Position, logic.Name, TemplateParameters.Of(logic.Name).Complaint(logic.Name, 0)!);
        object? value = null;
        for (var index = 1; index < command.Count; index++)
        {
            value = EvaluateOperand(command[index], cursor, []);
            if (TemplateValue.IsTrue(value) == (logic.Name == "or"))
                return value;
        }
        return piped ? previous : value;
    }

    private object? EvaluateOperand(Operand operand, object? cursor, IReadOnlyList<object?> arguments)
    {
        switch (operand)
        {
            case LiteralOperand literal:
                return literal.Value;
            case FunctionOperand function:
                return Call(function, [function], [], header: false);
            case ChainOperand chain:
                var value = chain.Inner is not null ? Evaluate(chain.Inner, cursor)
                    : chain.Variable is not null ? Variable(chain.Variable)
                    : cursor;
                object? holder = null;
                for (var index = 0; index < chain.Fields.Count; index++)
                {
                    var of = value;
                    value = Field(chain, of, holder, index, index == chain.Fields.Count - 1 ? arguments : []);
                    holder = of;
                }
                return value;
            default:
                throw new InvalidOperationException(operand.GetType().Name);
        }
    }

    private object? Field(ChainOperand chain, object? holder, object? outer, int index, IReadOnlyList<object?> arguments)
    {
        const string anything = "interface {}";
        var name = chain.Fields[index];
        // What comes out of a map of anything is anything to Go, whatever it holds.
        var isAnything = outer is JsonTemplateMap { Type: "map[string]" + anything };
        switch (TypedValue.Unwrap(holder))
        {
            case TemplateMap map:
                if (!map.TryGet(name, out var value))
                    throw Failure(chain, map.DescribeMissing(name));
                if (value is TemplateMethod method)
                    return Call(chain, method, arguments);
                return arguments.Count == 0 ? value : throw Failure(chain, $"{name} is not a method but has arguments");
            case null when outer is JsonTemplateMap and not StructureTemplateMap && !isAnything:
                return null; // A key that is not in a map has no value, and so have its fields.
            case null:
                throw Failure(chain, $"nil pointer evaluating {anything}.{name}");
            case PrintedTemplateValue { IsNil: true } nothing:
                throw Failure(chain, $"nil pointer evaluating {nothing.Type}.{name}");
            default:
                throw Failure(chain, $"can't evaluate field {name} in type {(isAnything ? anything : GoPrinter.TypeOf(holder))}");
        }
    }

    private object? Call(FunctionOperand function, IReadOnlyList<Operand> command, IReadOnlyList<object?> arguments, bool header)
    {
        var parameters = TemplateParameters.Of(function.Name);
        if (parameters.Complaint(function.Name, arguments.Count) is { } count)
            throw Failure(function.Position, function.Name, count);
        // No value here is a function.
        if (function.Name == "call")
            throw Failure(function, "error calling call: "
                + (arguments[0] is null ? "call of nil" : $"non-function {command[1].Source} of type {GoPrinter.TypeOf(arguments[0])}"));
        // Only printf can tell the type of a value.
        if (function.Name != "printf" && arguments.Any(static argument => argument is TypedValue))
            arguments = [
                .. arguments.Select(argument => argument is TypedValue { IsPointer: true } && function.Name == "not" ? true : TypedValue.Unwrap(argument))];
        for (var index = 0; index < arguments.Count && !header; index++)
        {
            var operand = index + 1 < command.Count ? command[index + 1] : function;
            if (parameters.Complaint(index, TypedValue.Unwrap(arguments[index]), (operand as LiteralOperand)?.Source) is { } type)
                throw Failure(operand, type);
        }
        try
        {
            return header ? TemplateFunctions.CallOnHeader(function.Name, arguments) : TemplateFunctions.Call(function.Name, arguments);
        }
        catch (TemplateException error)
        {
            throw Failure(function, $"error calling {function.Name}: {error.Message}");
        }
    }

    private object? Call(ChainOperand chain, TemplateMethod method, IReadOnlyList<object?> arguments)
    {
        try
        {
            return method(arguments);
        }
        catch (TemplateException error)
        {
            throw Failure(chain, error.Message);
        }
    }

    private TemplateException Failure(Operand operand, string message) => Failure(operand.Position, operand.Source, message);

    private TemplateException Failure(int position, string text, string message)
    {
        var line = _source.AsSpan(0, position).LastIndexOf('\n');
        return new TemplateException(
            $"template: :{TemplateScanner.LineOf(_source, position)}:{position - line - 1}: executing \"\" at <{text}>: {message}");
    }
}
