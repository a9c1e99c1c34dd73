using System.Globalization;
using Gantry.Compose.Interpolation;
using Gantry.Compose.Values;
using Gantry.Oci.Values;

namespace Gantry.Compose.Model.Shapes;

/// <summary>A text; whole numbers are taken as their digits.</summary>
internal sealed class TextShape : Shape
{
    public override Value Read(Value value) => value is ScalarValue { Kind: ScalarKind.Text } ? value
        : value is ScalarValue scalar ? ScalarValue.Of(scalar.Text, scalar.At) : throw Unfit(value, "a text");
}

/// <summary>A boolean.</summary>
internal sealed class FlagShape : Shape
{
    public override Value Read(Value value)
    {
        if (value is ScalarValue { Kind: ScalarKind.Boolean })
            return value;
        if (value.AsText is { } text && Interpolator.ToBoolean(text, value.At, static _ => { }).Value is { } flag)
            return flag;
        throw Unfit(value, "true or false");
    }
}

/// <summary>A whole number.</summary>
internal sealed class WholeShape : Shape
{
    public override Value Read(Value value) => value switch
    {
        ScalarValue { Kind: ScalarKind.Integer } => value,
        ScalarValue { Kind: ScalarKind.Float or ScalarKind.Single } scalar => ScalarValue.Of((long)scalar.Float, value.At),
        ScalarValue { Kind: ScalarKind.Text } scalar
            when long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            ScalarValue.Of(number, value.At),
        _ => throw Unfit(value, "a whole number"),
    };
}

/// <summary>A number of single precision: what docker keeps all fractions in.</summary>
internal sealed class SingleShape : Shape
{
    public override Value Read(Value value) => value switch
    {
        ScalarValue { Kind: ScalarKind.Integer } scalar => ScalarValue.Of((float)scalar.Integer, value.At),
        ScalarValue { Kind: ScalarKind.Float or ScalarKind.Single } scalar => ScalarValue.Of((float)scalar.Float, value.At),
        ScalarValue { Kind: ScalarKind.Text } scalar when double.TryParse(scalar.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) =>
            ScalarValue.Of((float)number, value.At),
        _ => throw Unfit(value, "a number"),
    };
}

/// <summary>A size in bytes, with units that are powers of 1024.</summary>
internal sealed class BytesShape : Shape
{
    public override Value Read(Value value) => value switch
    {
        ScalarValue { Kind: ScalarKind.Integer } => value,
        ScalarValue { Kind: ScalarKind.Text } scalar => ScalarValue.Of(Parse(scalar), value.At),
        _ => ScalarValue.Of(0L, value.At),
    };

    public override Value ToYaml(Value value) => ScalarValue.Of(value.ToString()!);

    private static long Parse(ScalarValue size)
    {
        try
        {
            return ByteSize.Parse(size.Text);
        }
        catch (FormatException)
        {
            throw Unfit(size, "a size such as 64m");
        }
    }
}

/// <summary>A duration, kept in nanoseconds.</summary>
internal sealed class DurationShape : Shape
{
    public override Value Read(Value value) =>
        ScalarValue.Of(DurationText.Parse(value.ToString()!) ?? throw Unfit(value, "a duration such as 1m30s"), value.At);

    public override Value ToYaml(Value value) => ScalarValue.Of(DurationText.Format(((ScalarValue)value).Integer));
}

/// <summary>The mode of a file: a number, or octal digits.</summary>
internal sealed class FileModeShape : Shape
{
    public override Value Read(Value value)
    {
        if (value is ScalarValue { Kind: ScalarKind.Integer })
            return value;
        try
        {
            return ScalarValue.Of(Convert.ToInt64(value.AsText ?? throw Unfit(value, "a mode such as 0440"), 8), value.At);
        }
        catch (FormatException)
        {
            throw Unfit(value, "a mode such as 0440");
        }
    }

    public override Value ToYaml(Value value) => ScalarValue.Of("0" + Convert.ToString(((ScalarValue)value).Integer, 8));
}

/// <summary>How many devices: a number, or <c>all</c>, which is -1.</summary>
internal sealed class DeviceCountShape : Shape
{
    public override Value Read(Value value)
    {
        if (value is ScalarValue { Kind: ScalarKind.Integer })
            return value;
        if (string.Equals(value.AsText, "all", StringComparison.OrdinalIgnoreCase))
            return ScalarValue.Of(-1L, value.At);
        return long.TryParse(value.AsText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count)
            ? ScalarValue.Of(count, value.At)
            : throw new ComposeException($"invalid value \"{value}\", the only value allowed is 'all' or a number");
    }
}

/// <summary>An option whose value is kept as it is.</summary>
internal sealed class AnyShape : Shape
{
    public override Value Read(Value value) => value;

    public override Value ToYaml(Value value) => SortedTree.ForYaml(value);

    public override Value ToJson(Value value) => SortedTree.ForJson(value);
}
