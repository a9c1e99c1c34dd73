namespace Gantry.Cli.Templates;

/// <summary>What functions take: Go checks number and types of arguments before it calls one, and complains of the argument.</summary>
/// <param name="Kinds">The types of the parameters: <c>s</c>tring, <c>i</c>nt, <c>l</c>ist of strings, <c>a</c>nything.</param>
/// <param name="TakesMore">Whether any number of others may follow.</param>
internal readonly record struct TemplateParameters(string Kinds, bool TakesMore)
{
    /// <summary>Those of a function.</summary>
    public static TemplateParameters Of(string function) => function switch
    {
        "print" or "println" or "html" or "js" or "urlquery" => new("", true),
        "and" or "or" or "call" or "index" or "slice" or "eq" => new("a", true),
        "printf" => new("s", true),
        "ne" or "lt" or "le" or "gt" or "ge" => new("aa", false),
        "join" => new("ls", false),
        "split" => new("ss", false),
        "lower" or "upper" or "title" => new("s", false),
        "pad" => new("sii", false),
        "truncate" => new("si", false),
        _ => new("a", false),
    };

    /// <summary>What is wrong with the number of arguments; null: nothing.</summary>
    public string? Complaint(string function, int count) =>
        count < Kinds.Length || count > Kinds.Length && !TakesMore
            ? $"wrong number of args for {function}: want {(TakesMore ? "at least " : "")}{Kinds.Length} got {count}"
            : null;

    /// <summary>What is wrong with an argument; null: nothing.</summary>
    /// <param name="index">Which one it is.</param>
    /// <param name="value">What it is.</param>
    /// <param name="literal">How it is written in the template, if it is not computed.</param>
    public string? Complaint(int index, object? value, string? literal)
    {
        var kind = index < Kinds.Length ? Kinds[index] : 'a';
        var fits = kind switch { 's' => value is string, 'i' => value is long, 'l' => value is IReadOnlyList<object?>, _ => true };
        if (fits)
            return null;
        var (type, word) = kind switch { 's' => ("string", "string"), 'i' => ("int", "integer"), _ => ("[]string", "[]string") };
        return value is null ? literal is null ? $"invalid value; expected {type}" : $"cannot assign nil to {type}"
            : literal is not null && kind != 'l' ? $"expected {word}; found {literal}"
            : $"wrong type for value; expected {type}; got {GoPrinter.TypeOf(value)}";
    }
}
