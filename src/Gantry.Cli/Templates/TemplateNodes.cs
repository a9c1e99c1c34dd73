namespace Gantry.Cli.Templates;

/// <summary>Something that writes output when executed.</summary>
internal abstract record Node;

/// <summary>Text outside actions.</summary>
internal sealed record TextNode(string Text) : Node;

/// <summary>A pipeline whose value is printed, unless it only sets a variable.</summary>
internal sealed record ActionNode(Pipeline Pipeline) : Node;

/// <summary><c>{{if}}</c>, <c>{{with}}</c> and <c>{{range}}</c>.</summary>
internal sealed record BranchNode(BranchKind Kind, Pipeline Pipeline, IReadOnlyList<Node> Body, IReadOnlyList<Node> Otherwise) : Node;

/// <summary><c>{{break}}</c> or <c>{{continue}}</c>.</summary>
internal sealed record LoopJumpNode(bool Break) : Node;

/// <summary><c>{{template "name" pipeline}}</c>, and where a <c>{{block}}</c> stands.</summary>
internal sealed record InvocationNode(string Name, Pipeline? Pipeline, int Position, string Source) : Node;

internal enum BranchKind
{
    If, With, Range,
}

/// <summary>Commands, each of which gets the value of the one before as its last argument.</summary>
/// <param name="Variables">Variables that take the value; two for <c>range $key, $value</c>.</param>
/// <param name="Commands">At least one; each is a function, field or value with its arguments.</param>
/// <param name="Declares">Whether the variables are new (<c>:=</c>) or assigned (<c>=</c>).</param>
internal sealed record Pipeline(IReadOnlyList<string> Variables, bool Declares, IReadOnlyList<IReadOnlyList<Operand>> Commands);

/// <summary>An argument of a command.</summary>
/// <param name="Position">Where it starts in the source, as errors name it.</param>
/// <param name="Source">Its text, as errors show it.</param>
internal abstract record Operand(int Position, string Source)
{
    /// <summary>Its text in that of a command.</summary>
    public virtual string Text => Source;
}

/// <summary>A string, number, boolean or nil.</summary>
internal sealed record LiteralOperand(object? Value, int Position, string Source) : Operand(Position, Source);

/// <summary>A function's name, and the text of the whole call.</summary>
internal sealed record FunctionOperand(string Name, int Position, string Call) : Operand(Position, Call);

/// <summary>A chain of fields on the cursor (<c>.A.B</c>), on a variable (<c>$x.A</c>) or on a parenthesised pipeline.</summary>
internal sealed record ChainOperand(string? Variable, Pipeline? Inner, IReadOnlyList<string> Fields, int Position, string Source)
    : Operand(Position, Source)
{
    /// <inheritdoc/>
    public override string Text => Inner is null ? Source
        : $"({string.Join(" | ", Inner.Commands.Select(static command => string.Join(' ', command.Select(static operand => operand is FunctionOperand function ? function.Name : operand.Text))))})"
            + string.Concat(Fields.Select(static name => "." + name));
}
