namespace Gantry.Cli.Templates;

/// <summary>A basic value or a list whose Go type is another one than its form says: <c>int64</c>, <c>container.NetworkMode</c>, <c>*bool</c>.</summary>
/// <param name="Value">What it is to everything that does not ask for its type.</param>
/// <param name="Type">Go's name of the type.</param>
internal sealed record TypedValue(object Value, string Type)
{
    /// <summary>Whether it is there by a pointer: then it is true, whatever it points to.</summary>
    public bool IsPointer { get; init; }

    /// <summary>The value without its type.</summary>
    public static object? Unwrap(object? value) => value is TypedValue typed ? typed.Value : value;

    /// <inheritdoc/>
    public override string ToString() => TemplateValue.PrintNested(Value);
}
