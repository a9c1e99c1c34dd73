using Gantry.Compose.Values;

namespace Gantry.Compose.Model.Shapes;

/// <summary>
/// The type of a place in the model: how it is read from its long or short form, and how docker writes it into YAML and JSON. The JSON is what
/// the hash of a service is made of, so that not only its content but also its spelling and order count.
/// </summary>
internal abstract class Shape
{
    /// <summary>Reads a value that is not null.</summary>
    /// <exception cref="ComposeException">The value is not of this type.</exception>
    public abstract Value Read(Value value);

    /// <summary>Whether a value is the zero of its type, which is left out.</summary>
    public virtual bool IsZero(Value value) => value switch
    {
        ScalarValue { Kind: ScalarKind.Null } => true,
        ScalarValue { Kind: ScalarKind.Text } scalar => scalar.Text.Length == 0,
        ScalarValue { Kind: ScalarKind.Boolean } scalar => !scalar.IsTrue,
        ScalarValue { Kind: ScalarKind.Integer } scalar => scalar.Integer == 0,
        ScalarValue scalar => scalar.Float == 0,
        ListValue list => list.Items.Count == 0,
        MapValue map => map.Count == 0,
        _ => false,
    };

    /// <summary>The form in YAML.</summary>
    public virtual Value ToYaml(Value value) => value;

    /// <summary>The form in JSON.</summary>
    public virtual Value ToJson(Value value) => ToYaml(value);

    /// <summary>What JSON has when there is no value but its key must be there.</summary>
    public virtual Value JsonWhenAbsent => ScalarValue.Null();

    /// <summary>The failure of a value that is not of this type.</summary>
    protected static ComposeException Unfit(Value value, string expected)
    {
        var place = value.At.Line > 0 ? $"{value.At.File}:{value.At.Line}: " : "";
        return new ComposeException(
            $"{place}{expected} is expected, not {(value is ScalarValue ? $"'{value}'" : value is ListValue ? "a list" : "a mapping")}");
    }
}
