using System.Text.Json;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>The variables and functions of bake files: each variable is worked out when it is asked for.</summary>
/// <param name="given">A value from the command line or the environment; null: there is none.</param>
internal sealed class BakeValues(Func<string, string?> given)
{
    private readonly Dictionary<string, MapValue> _variables = [];
    private readonly Dictionary<string, HclFunction> _functions = [];
    private readonly Dictionary<string, Value> _known = new()
    {
        ["BAKE_CMD_CONTEXT"] = ScalarValue.Of("cwd://"),
        ["BAKE_LOCAL_PLATFORM"] = ScalarValue.Of(Oci.Images.Platform.Host.ToString()),
    };
    private readonly HashSet<string> _open = [];

    /// <summary>What expressions of the files see.</summary>
    public HclScope Scope => new(Find, _functions);

    /// <summary>Takes what a file defines.</summary>
    public void Take(MapValue file)
    {
        foreach (var (name, value) in file.Map("variable")?.Entries ?? [])
            _variables[name] = value as MapValue ?? new MapValue();
        foreach (var (name, value) in file.Map("function")?.Entries ?? [])
            _functions[name] = Function(name, value as MapValue ?? new MapValue());
    }

    /// <summary>Fails if a variable is not as its <c>validation</c> says.</summary>
    /// <exception cref="CommandException">One is not.</exception>
    public void Check()
    {
        foreach (var (name, definition) in _variables)
        {
            foreach (var rule in definition.Maps("validation").Concat(definition.List("validation")?.Items.OfType<MapValue>() ?? []).Distinct())
            {
                if (rule["condition"] is { } condition && !HclOperators.IsTrue(Expand(condition, Scope)))
                    throw new CommandException(
                        $"variable {name}: {(rule["error_message"] is { } message ? HclOperators.Text(Expand(message, Scope)) : "its value is not valid")}");
            }
        }
    }

    /// <summary>Works out all expressions in a value; in JSON those are <c>${...}</c> in texts.</summary>
    /// <exception cref="CommandException">One cannot be.</exception>
    public static Value Expand(Value value, HclScope scope)
    {
        switch (value)
        {
            case HclDeferred deferred:
                return deferred.Evaluate(scope);
            case MapValue map:
                var expanded = new MapValue();
                foreach (var (key, element) in map.Entries)
                    expanded[key] = Expand(element, scope);
                return expanded;
            case ListValue list:
                var items = new ListValue();
                items.Items.AddRange(list.Items.Select(item => Expand(item, scope)));
                return items;
            case ScalarValue { Kind: ScalarKind.Text } scalar when scalar.Text.Contains("${", StringComparison.Ordinal):
                return new HclExpressions(new HclCursor(scalar.Text, scalar.Text)).ReadTemplate(null, escapes: false)(scope);
            default:
                return value;
        }
    }

    /// <summary>A value of JSON.</summary>
    public static Value Of(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new MapValue();
                foreach (var property in element.EnumerateObject())
                    map[property.Name] = Of(property.Value);
                return map;
            case JsonValueKind.Array:
                var list = new ListValue();
                list.Items.AddRange(element.EnumerateArray().Select(Of));
                return list;
            case JsonValueKind.True or JsonValueKind.False:
                return ScalarValue.Of(element.GetBoolean());
            case JsonValueKind.Null:
                return ScalarValue.Null();
            case JsonValueKind.Number when element.TryGetInt64(out var whole):
                return ScalarValue.Of(whole);
            default:
                return ScalarValue.Of(element.ToString());
        }
    }

    private static HclFunction Function(string name, MapValue body)
    {
        // Parameters are written as names, which here are worth themselves.
        var names = new HclScope(static word => ScalarValue.Of(word), new Dictionary<string, HclFunction>());
        var parameters = body["params"] is { } list && Expand(list, names) is ListValue all ? all.Items.Select(HclOperators.Text).ToList() : [];
        var rest = body["variadic_params"] ?? body["variadic_param"];
        var result = body["result"] ?? throw new CommandException($"the function {name} has no result");
        return new HclFunction(parameters, rest is null ? null : HclOperators.Text(Expand(rest, names)), result as HclDeferred
            ?? new HclDeferred(scope => Expand(result, scope)));
    }

    private Value? Find(string name)
    {
        if (_known.TryGetValue(name, out var known))
            return known;
        if (!_variables.TryGetValue(name, out var definition))
            return null;
        if (!_open.Add(name))
            throw new CommandException($"the variable {name} is made from itself");
        var value = definition["default"] is { } written ? Expand(written, Scope) : ScalarValue.Null();
        _open.Remove(name);
        return _known[name] = given(name) is { } text ? Typed(name, text, value) : value;
    }

    /// <summary>A given text has the kind that the default has.</summary>
    private static Value Typed(string name, string text, Value like)
    {
        try
        {
            return like switch
            {
                ScalarValue { Kind: ScalarKind.Boolean } => ScalarValue.Of(bool.Parse(text)),
                ScalarValue { Kind: ScalarKind.Integer or ScalarKind.Float } => HclOperators.Number(HclOperators.Number(ScalarValue.Of(text))),
                ListValue or MapValue => Parsed(text),
                _ => ScalarValue.Of(text),
            };
        }
        catch (Exception error) when (error is FormatException or JsonException or CommandException)
        {
            throw new CommandException($"the variable {name} cannot be \"{text}\": its default is {like}");
        }
    }

    private static Value Parsed(string text)
    {
        using var document = JsonDocument.Parse(text);
        return Of(document.RootElement);
    }
}
