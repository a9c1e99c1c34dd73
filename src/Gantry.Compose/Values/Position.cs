namespace Gantry.Compose.Values;

/// <summary>Where a value was written.</summary>
/// <param name="File">Path of the file, or empty for a value that no file holds.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
public readonly record struct Position(string File, int Line, int Column)
{
    /// <summary>The place of values that were made, not read.</summary>
    public static Position None => new("", 0, 0);

    /// <summary>How a message about it begins: <c>file:line: </c>, or empty.</summary>
    public string Prefix => Line > 0 ? $"{File}:{Line}: " : "";
}
