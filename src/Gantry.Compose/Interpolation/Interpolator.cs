using System.Globalization;
using Gantry.Compose.Files;
using Gantry.Compose.Values;

namespace Gantry.Compose.Interpolation;

/// <summary>Replaces the variables in all values of a model, not in its keys, and gives those that are no text their type.</summary>
/// <param name="lookup">The variables.</param>
/// <param name="warn">Takes messages for the user.</param>
internal sealed class Interpolator(Lookup lookup, Action<string> warn)
{
    private readonly Template _template = new(lookup, name => warn($"The \"{name}\" variable is not set. Defaulting to a blank string."));
    private readonly List<string> _path = [];

    /// <summary>Replaces the variables of a document, in place.</summary>
    /// <exception cref="ComposeException">A variable is malformed or missing, or a text is not of the type its place needs.</exception>
    public void Apply(MapValue document)
    {
        foreach (var (key, value) in document.Entries.ToArray())
        {
            _path.Add(key);
            var replaced = Replace(value);
            if (!ReferenceEquals(replaced, value))
                document[key] = replaced;
            _path.RemoveAt(_path.Count - 1);
        }
    }

    /// <summary>Replaces the variables of one text that is not in a document.</summary>
    public string Apply(string text, string path)
    {
        _path.Add(path);
        var replaced = Substitute(ScalarValue.Of(text));
        _path.RemoveAt(_path.Count - 1);
        return replaced;
    }

    private Value Replace(Value value)
    {
        switch (value)
        {
            case MapValue map:
                Apply(map);
                return map;
            case ListValue list:
                _path.Add("[]");
                for (var index = 0; index < list.Items.Count; index++)
                    list.Items[index] = Replace(list.Items[index]);
                _path.RemoveAt(_path.Count - 1);
                return list;
            case ScalarValue { Kind: ScalarKind.Text } scalar:
                var text = Substitute(scalar);
                if (ScalarTypes.At(_path) is not { } type)
                    return ReferenceEquals(text, scalar.Text) ? scalar : ScalarValue.Of(text, scalar.At);
                return Cast(text, type, scalar.At);
            default:
                return value;
        }
    }

    private string Substitute(ScalarValue scalar)
    {
        try
        {
            return _template.Substitute(scalar.Text);
        }
        catch (TemplateException error) when (error.IsMalformed)
        {
            throw new ComposeException(
                $"{scalar.At.Prefix}invalid interpolation format for {string.Join('.', _path)}.\nYou may need to escape any $ with another $.\n{error.Message}");
        }
        catch (TemplateException error)
        {
            throw new ComposeException($"{scalar.At.Prefix}error while interpolating {string.Join('.', _path)}: {error.Message}");
        }
    }


    private Value Cast(string text, ScalarKind type, Position at)
    {
        var (value, problem) = type switch
        {
            ScalarKind.Boolean => ToBoolean(text, at, warn),
            ScalarKind.Integer => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var integer)
                ? (ScalarValue.Of(integer, at), null)
                : ((Value?)null,
                    $"strconv.{(_path[^1].StartsWith("cpu_", StringComparison.Ordinal) ? "ParseInt" : "Atoi")}: parsing \"{text}\": invalid syntax"),
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? (type == ScalarKind.Single ? ScalarValue.Of((float)number, at) : ScalarValue.Of(number, at), null)
                : (null, $"strconv.ParseFloat: parsing \"{text}\": invalid syntax"),
        };
        return value ?? throw new ComposeException(
            $"{at.Prefix}error while interpolating {string.Join('.', _path)}: failed to cast to expected type: {problem}");
    }

    /// <summary>A boolean in the words of YAML 1.1.</summary>
    internal static (Value? Value, string? Problem) ToBoolean(string text, Position at, Action<string> warn)
    {
        switch (text.ToLowerInvariant())
        {
            case "true":
                return (ScalarValue.Of(true, at), null);
            case "false":
                return (ScalarValue.Of(false, at), null);
            case "y" or "yes" or "on":
                warn($"\"{text}\" for boolean is not supported by YAML 1.2, please use `true`");
                return (ScalarValue.Of(true, at), null);
            case "n" or "no" or "off":
                warn($"\"{text}\" for boolean is not supported by YAML 1.2, please use `false`");
                return (ScalarValue.Of(false, at), null);
            default:
                return (null, $"invalid boolean: {text}");
        }
    }
}
