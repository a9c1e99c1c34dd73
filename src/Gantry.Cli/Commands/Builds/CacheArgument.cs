using Gantry.Api.Model;

namespace Gantry.Cli.Commands.Builds;

/// <summary>Reads <c>--cache-from</c> and <c>--cache-to</c>.</summary>
internal static class CacheArgument
{
    /// <summary>Reads <c>type=TYPE,key=value,…</c>; a text without <c>=</c> is a name in a registry.</summary>
    /// <exception cref="CommandException">It is malformed.</exception>
    public static BuildSessionOutput Parse(string text)
    {
        var fields = text.Split(',');
        if (!fields.Any(static field => field.Contains('=', StringComparison.Ordinal)))
            return new BuildSessionOutput { Type = "registry", Attributes = new Dictionary<string, string> { ["ref"] = text } };
        var attributes = new Dictionary<string, string>();
        foreach (var field in fields)
        {
            var at = field.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0)
                throw new CommandException($"invalid value {field}: a cache is given as type=TYPE,key=value");
            attributes[field[..at].Trim().ToLowerInvariant()] = field[(at + 1)..];
        }
        if (!attributes.Remove("type", out var type))
            throw new CommandException($"type required form> \"{text}\"");
        return new BuildSessionOutput { Type = type, Attributes = attributes };
    }

    /// <summary>The folder of a local cache.</summary>
    /// <exception cref="CommandException">It is not named.</exception>
    public static string FolderOf(BuildSessionOutput cache, string key) => cache.Attributes?.GetValueOrDefault(key) is { Length: > 0 } folder
        ? folder : throw new CommandException($"{key} is required for a local cache: type=local,{key}=PATH");
}
