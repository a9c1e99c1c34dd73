using Gantry.Compose.Output;
using Gantry.Compose.Values;

namespace Gantry.Compose.Interpolation;

/// <summary>The variables that a model uses.</summary>
public static class UsedVariables
{
    /// <summary>The variables of a model that was not interpolated, by name.</summary>
    public static IReadOnlyList<UsedVariable> Of(MapValue model) => [.. VariableFinder.Find(model).Values];

    /// <summary>The variables as YAML or JSON.</summary>
    public static string ToText(IReadOnlyList<UsedVariable> variables, bool json)
    {
        var document = new MapValue();
        foreach (var variable in variables)
        {
            var entry = new MapValue();
            entry[json ? "Name" : "name"] = ScalarValue.Of(variable.Name);
            entry[json ? "DefaultValue" : "defaultvalue"] = ScalarValue.Of(variable.Default);
            entry[json ? "PresenceValue" : "presencevalue"] = ScalarValue.Of(variable.Alternate);
            entry[json ? "Required" : "required"] = ScalarValue.Of(variable.Required);
            document[variable.Name] = entry;
        }
        return json ? JsonText.Write(document) + "\n" : YamlText.Write(document);
    }
}
