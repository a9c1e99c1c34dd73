namespace Gantry.Cli.Templates;

/// <summary>What Go says of values: how they print, which are true, how they compare.</summary>
internal static class TemplateValue
{
    /// <summary>Prints as <c>fmt.Print</c> does.</summary>
    public static string Print(object? value) => TypedValue.Unwrap(value) switch
    {
        null => "<no value>",
        string text => text,
        StructureTemplateMap structure => structure.Print(),
        var other => PrintNested(other),
    };

    /// <summary>Prints as the verb <c>%v</c> does.</summary>
    public static string PrintNested(object? value) => GoPrinter.Print(value, 'v', new GoFlags());

    /// <summary>Whether <c>if</c> takes the value for true: not zero, not empty.</summary>
    public static bool IsTrue(object? value) => value switch
    {
        null => false,
        TypedValue typed => typed.IsPointer || IsTrue(typed.Value),
        bool truth => truth,
        string text => text.Length > 0,
        long number => number != 0,
        double number => number != 0,
        IReadOnlyList<object?> list => list.Count > 0,
        // A structure is true whatever is in it.
        StructureTemplateMap => true,
        TemplateMap map => map.Count > 0,
        PrintedTemplateValue printed => printed.IsTrue,
        _ => true,
    };

    /// <summary>Whether two basic values are equal; values of different kinds cannot be compared.</summary>
    /// <exception cref="TemplateException">They are not comparable.</exception>
    public static bool AreEqual(object? left, object? right) => (left, right) switch
    {
        (null, null) => true,
        (null, _) or (_, null) => false,
        (string a, string b) => string.Equals(a, b, StringComparison.Ordinal),
        (bool a, bool b) => a == b,
        (long a, long b) => a == b,
        (double a, double b) => a.Equals(b),
        (StructureTemplateMap a, StructureTemplateMap b) => a.Element.Equals(b.Element),
        (TemplateMap, _) or (IReadOnlyList<object?>, _) => throw NotComparable(left),
        (_, TemplateMap) or (_, IReadOnlyList<object?>) => throw NotComparable(right),
        _ => throw new TemplateException("incompatible types for comparison"),
    };

    /// <summary>Orders two basic values of one kind.</summary>
    /// <exception cref="TemplateException">They have no order.</exception>
    public static int Compare(object? left, object? right) => (left, right) switch
    {
        (string a, string b) => string.CompareOrdinal(a, b),
        (long a, long b) => a.CompareTo(b),
        (double a, double b) => a.CompareTo(b),
        (bool, bool) or (TemplateMap, _) or (IReadOnlyList<object?>, _) => throw new TemplateException("invalid type for comparison"),
        _ => throw new TemplateException("incompatible types for comparison"),
    };

    private static TemplateException NotComparable(object? value) => new($"non-comparable type {PrintNested(value)}: {GoPrinter.TypeOf(value)}");
}
