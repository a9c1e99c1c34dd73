using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Images;

/// <summary>Platforms as flags give them.</summary>
internal static class PlatformText
{
    /// <summary>The JSON form that the API takes, of <c>os/architecture[/variant]</c>; empty stays empty.</summary>
    /// <exception cref="GantryException">It is no platform.</exception>
    public static string ToJson(string text)
    {
        if (text.Length == 0)
            return "";
        var parts = text.Split('/');
        if (parts.Length is < 2 or > 3 || parts.Any(static part => part.Length == 0))
            throw GantryException.Invalid($"invalid platform: \"{text}\" is not os/arch[/variant]");
        var variant = parts.Length == 3 ? $",\"variant\":{Templates.GoJson.Write(parts[2], false)}" : "";
        return $"{{\"architecture\":{Templates.GoJson.Write(parts[1], false)},\"os\":{Templates.GoJson.Write(parts[0], false)}{variant}}}";
    }
}
