using System.Globalization;
using Gantry.Compose.Values;

namespace Gantry.Compose.Validation;

/// <summary>Something in a model that its schema does not allow.</summary>
/// <param name="Path">Where, as keys and indexes.</param>
/// <param name="Message">What, in the words of docker's validator.</param>
/// <param name="At">Where it was written.</param>
/// <param name="Depth">How specific it is: of several, the deepest is told.</param>
internal sealed record SchemaProblem(IReadOnlyList<string> Path, string Message, Position At, int Depth)
{
    /// <summary>What the user may have meant, or null.</summary>
    public string? Suggestion { get; init; }
}

/// <summary>Checks a model against the schema and finds the most specific problem.</summary>
internal sealed class SchemaValidator
{
    private readonly List<string> _path = [];

    /// <summary>Checks a model.</summary>
    /// <returns>The problem to tell, or null.</returns>
    public static SchemaProblem? Check(Value value, Schema schema) => new SchemaValidator().Find(value, schema);

    private SchemaProblem? Find(Value value, Schema schema)
    {
        SchemaProblem? worst = null;
        void Note(SchemaProblem? problem)
        {
            if (problem is not null && (worst is null || problem.Depth > worst.Depth))
                worst = problem;
        }

        if (!HasKind(value, schema))
            return Problem(value, "must be a " + HumanTypes(schema.Types));
        if (schema.Enumeration.Count > 0 && !schema.Enumeration.Contains(value.ToString()!))
            Note(Problem(
                value, $"value must be {(schema.Enumeration.Count > 1 ? "one of " : "")}{string.Join(", ", schema.Enumeration.Select(static text => $"'{text}'"))}") with
            {
                Suggestion = NearestName.Find(value.ToString()!, schema.Enumeration),
            });
        if (schema.OneOf.Count > 0)
            Note(CheckOneOf(value, schema));
        switch (value)
        {
            case MapValue map:
                Note(CheckMembers(map, schema));
                break;
            case ListValue list:
                Note(CheckItems(list, schema));
                break;
            case ScalarValue scalar:
                Note(CheckScalar(scalar, schema));
                break;
        }
        return worst;
    }

    private SchemaProblem? CheckOneOf(Value value, Schema schema)
    {
        SchemaProblem? worst = null;
        // Of equals, what is told is what is wrong with the value as the kind of value that it is, not that it could have been of another kind.
        var fits = false;
        var matched = new List<int>();
        for (var index = 0; index < schema.OneOf.Count; index++)
        {
            var problem = Find(value, schema.OneOf[index]);
            if (problem is null)
                matched.Add(index);
            else if (worst is null || problem.Depth > worst.Depth || problem.Depth == worst.Depth && !fits && HasKind(value, schema.OneOf[index]))
                (worst, fits) = (problem, HasKind(value, schema.OneOf[index]));
        }
        return matched.Count switch
        {
            1 => null,
            0 => worst,
            _ => Problem(value, $"oneOf failed, subschemas {matched[0]}, {matched[1]} matched"),
        };
    }

    private SchemaProblem? CheckMembers(MapValue map, Schema schema)
    {
        SchemaProblem? worst = null;
        List<string>? strange = null;
        var missing = schema.Required.Where(name => !map.Contains(name)).ToArray();
        if (missing.Length > 0)
            worst = Problem(map, $"missing propert{(missing.Length == 1 ? "y" : "ies")} {string.Join(", ", missing.Select(static name => $"'{name}'"))}");
        foreach (var (name, value) in map.Entries)
        {
            var rules = RulesOf(name, schema);
            if (rules.Count == 0)
            {
                if (!schema.AllowsOthers)
                    (strange ??= []).Add(name);
                if (schema.Others is null)
                    continue;
                rules.Add(schema.Others);
            }
            _path.Add(name);
            foreach (var rule in rules)
                if (Find(value, rule) is { } problem && (worst is null || problem.Depth > worst.Depth))
                    worst = problem;
            _path.RemoveAt(_path.Count - 1);
        }
        if (strange is null || worst is not null && worst.Depth >= _path.Count + 1)
            return worst;
        return new SchemaProblem(
            [.. _path], $"additional properties {string.Join(", ", strange.Select(static name => $"'{name}'"))} not allowed",
            map.PositionOf(strange[0]), _path.Count + 1)
        {
            Suggestion = NearestName.Find(strange[0], schema.Properties.Keys),
        };
    }

    // Of a member by its name: all of them hold.
    private static List<Schema> RulesOf(string name, Schema schema)
    {
        var rules = new List<Schema>();
        if (schema.Properties.TryGetValue(name, out var known))
            rules.Add(known);
        foreach (var (pattern, rule) in schema.Patterns)
            if (pattern.Matches(name))
                rules.Add(rule);
        return rules;
    }

    private SchemaProblem? CheckItems(ListValue list, Schema schema)
    {
        SchemaProblem? worst = null;
        for (var index = 0; index < list.Items.Count; index++)
        {
            _path.Add(index.ToString(CultureInfo.InvariantCulture));
            if (schema.Items is not null && Find(list.Items[index], schema.Items) is { } problem && (worst is null || problem.Depth > worst.Depth))
                worst = problem;
            _path.RemoveAt(_path.Count - 1);
        }
        for (var second = 1; worst is null && schema.UniqueItems && second < list.Items.Count; second++)
            for (var first = 0; worst is null && first < second; first++)
                if (Value.Same(list.Items[first], list.Items[second]))
                    worst = Problem(list.Items[second], $"items at {first} and {second} are equal", list);
        return worst;
    }

    private SchemaProblem? CheckScalar(ScalarValue scalar, Schema schema)
    {
        if (scalar.Kind == ScalarKind.Text)
            return schema.TextPattern is { } pattern && !pattern.Matches(scalar.Text)
                ? Problem(scalar, $"'{scalar.Text}' does not match pattern '{pattern.Source}'") : null;
        if (scalar.Kind is not (ScalarKind.Integer or ScalarKind.Float or ScalarKind.Single))
            return null;
        var number = scalar.Kind == ScalarKind.Integer ? scalar.Integer : scalar.Float;
        if (number < schema.Minimum)
            return Problem(scalar, $"must be greater than or equal to {schema.Minimum.Value.ToString(CultureInfo.InvariantCulture)}");
        return number > schema.Maximum ? Problem(scalar, $"must be less than or equal to {schema.Maximum.Value.ToString(CultureInfo.InvariantCulture)}") : null;
    }

    private SchemaProblem Problem(Value value, string message, Value? whole = null) =>
        new([.. _path], message, value.At.Line > 0 ? value.At : (whole ?? value).At, _path.Count);

    private static bool HasKind(Value value, Schema schema) => schema.Types.Count == 0 || schema.Types.Any(type => IsOf(value, type));

    private static bool IsOf(Value value, string type) => value switch
    {
        MapValue => type == "object",
        ListValue => type == "array",
        ScalarValue scalar => scalar.Kind switch
        {
            ScalarKind.Null => type == "null",
            ScalarKind.Boolean => type == "boolean",
            ScalarKind.Integer => type is "integer" or "number",
            ScalarKind.Text => type == "string",
            _ => type == "number" || type == "integer" && Math.Floor(scalar.Float) == scalar.Float,
        },
        _ => false,
    };

    private static string HumanTypes(IReadOnlyList<string> types)
    {
        var words = types.Select(static type => type == "object" ? "mapping" : type).Order(StringComparer.Ordinal).ToArray();
        return words.Length == 1 ? words[0] : $"{string.Join(", ", words[..^1])} or {words[^1]}";
    }
}
