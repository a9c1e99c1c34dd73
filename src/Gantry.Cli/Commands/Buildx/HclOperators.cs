using System.Globalization;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>Operators and conversions of HCL's values.</summary>
internal static class HclOperators
{
    /// <summary>The operators of two values, those that bind least first.</summary>
    public static IReadOnlyList<string[]> Levels { get; } = [["||"], ["&&"], ["==", "!="], ["<=", ">=", "<", ">"], ["+", "-"], ["*", "/", "%"]];

    /// <summary>Applies one.</summary>
    /// <param name="symbol">The operator.</param>
    /// <param name="left">The first value.</param>
    /// <param name="right">Gives the second, if it is needed.</param>
    /// <exception cref="CommandException">They are of no use for it.</exception>
    public static Value Apply(string symbol, Value left, Func<Value> right) => symbol switch
    {
        "||" => ScalarValue.Of(IsTrue(left) || IsTrue(right())),
        "&&" => ScalarValue.Of(IsTrue(left) && IsTrue(right())),
        "==" => ScalarValue.Of(Same(left, right())),
        "!=" => ScalarValue.Of(!Same(left, right())),
        "<" => ScalarValue.Of(Number(left) < Number(right())),
        ">" => ScalarValue.Of(Number(left) > Number(right())),
        "<=" => ScalarValue.Of(Number(left) <= Number(right())),
        ">=" => ScalarValue.Of(Number(left) >= Number(right())),
        "+" => Number(Number(left) + Number(right())),
        "-" => Number(Number(left) - Number(right())),
        "*" => Number(Number(left) * Number(right())),
        "/" => Number(Number(left) / Divisor(right())),
        "%" => Number(Number(left) % Divisor(right())),
        _ => throw new ArgumentOutOfRangeException(nameof(symbol)),
    };

    /// <summary>Whether two values are equal, their kinds included.</summary>
    public static bool Same(Value left, Value right) => (left, right) switch
    {
        (ScalarValue one, ScalarValue other) =>
            IsNumber(one) && IsNumber(other) ? Number(one) == Number(other) : one.Kind == other.Kind && one.Text == other.Text,
        (ListValue one, ListValue other) =>
            one.Items.Count == other.Items.Count && one.Items.Zip(other.Items).All(static pair => Same(pair.First, pair.Second)),
        (MapValue one, MapValue other) =>
            one.Count == other.Count && one.Entries.All(entry => other.TryGet(entry.Key, out var value) && Same(entry.Value, value)),
        _ => false,
    };

    /// <summary>A condition.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static bool IsTrue(Value value) => value is ScalarValue scalar && bool.TryParse(scalar.Text, out var truth) ? truth
        : throw new CommandException($"{value} is no condition: true or false");

    /// <summary>A number.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static decimal Number(Value value) =>
        value is ScalarValue scalar && decimal.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        ? number : throw new CommandException($"{value} is no number");

    /// <summary>A number as a value.</summary>
    public static Value Number(decimal number) =>
        decimal.IsInteger(number) && number is >= long.MinValue and <= long.MaxValue ? ScalarValue.Of((long)number) : ScalarValue.Of((double)number);

    /// <summary>A value as a text.</summary>
    /// <exception cref="CommandException">It is a list or an object.</exception>
    public static string Text(Value value) => value switch
    {
        { IsNull: true } => "",
        ScalarValue scalar => scalar.Text,
        _ => throw new CommandException($"{value} is no text: use join() or an index"),
    };

    /// <summary>An element of a list or an object.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public static Value Element(Value container, Value index) => container switch
    {
        MapValue map when map.TryGet(Text(index), out var value) => value,
        ListValue list when Number(index) is var number && number >= 0 && number < list.Items.Count => list.Items[(int)number],
        _ => throw new CommandException($"Invalid index; {container} has no element {index}."),
    };

    private static bool IsNumber(ScalarValue scalar) => scalar.Kind is ScalarKind.Integer or ScalarKind.Float or ScalarKind.Single;

    private static decimal Divisor(Value value) => Number(value) is var number and not 0 ? number : throw new CommandException("Division by zero");
}
