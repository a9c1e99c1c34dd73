using Gantry.Compose.Interpolation;
using Gantry.Compose.Values;

namespace Gantry.Compose.Files;

/// <summary>Chooses the name of a project: the flag, <c>COMPOSE_PROJECT_NAME</c>, <c>name</c> in the files, the folder's name.</summary>
internal static class ProjectName
{
    /// <summary>Chooses the name.</summary>
    /// <exception cref="ComposeException">A given name is not one.</exception>
    public static string Choose(LoadOptions options, ProjectEnvironment environment, IEnumerable<YamlDocument> documents, Action<string> warn)
    {
        var given = options.ProjectName.Length > 0 ? options.ProjectName : environment.Variables.GetValueOrDefault("COMPOSE_PROJECT_NAME", "");
        if (given.Length > 0)
            return given == Normalize(given) ? given : throw Invalid(given);
        var named = documents.Select(static document => (document.Root as MapValue)?["name"]).OfType<ScalarValue>().LastOrDefault();
        if (named is { Text.Length: > 0 })
        {
            var name = named.Text;
            if (options.Interpolate)
                name = new Interpolator(variable => environment.Variables.GetValueOrDefault(variable), warn).Apply(name, "name");
            name = options.Normalize ? Normalize(name) : name;
            if (name.Length > 0)
                return name;
        }
        return Normalize(Path.GetFileName(environment.Folder));
    }

    /// <summary>A text as the name of a project: lower case, and only letters, digits, hyphens and underscores, of which it does not begin with one.</summary>
    public static string Normalize(string text)
    {
        var letters = text.ToLowerInvariant().Where(static letter => letter is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '_' or '-');
        return string.Concat(letters).TrimStart('_', '-');
    }

    private static ComposeException Invalid(string name) => new(
        $"invalid project name \"{name}\": must consist only of lowercase alphanumeric characters, hyphens, and underscores as well as start with a letter or number");
}
