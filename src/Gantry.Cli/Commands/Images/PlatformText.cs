using Gantry.Cli.Templates;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Images;

/// <summary>Platforms as flags give them.</summary>
internal static class PlatformText
{
    /// <summary>The JSON form that the API takes, of <c>os[/architecture[/variant]]</c>; empty stays empty.</summary>
    /// <exception cref="CommandException">It is no platform.</exception>
    public static string ToJson(string text)
    {
        if (text.Length == 0)
            return "";
        try
        {
            var platform = Platform.Parse(text);
            var variant = platform.Variant is { } of ? $",\"variant\":{GoJson.Write(of, false)}" : "";
            return $"{{\"architecture\":{GoJson.Write(platform.Architecture, false)},\"os\":{GoJson.Write(platform.Os, false)}{variant}}}";
        }
        catch (GantryException error)
        {
            throw new CommandException($"invalid platform: {error.Message}");
        }
    }

    /// <summary>The same of a flag that may be repeated, or hold several with commas between them.</summary>
    /// <exception cref="CommandException">One is no platform.</exception>
    public static string[] ToJson(IReadOnlyList<string> texts) =>
        [.. texts.SelectMany(static text => text.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(ToJson)];
}
