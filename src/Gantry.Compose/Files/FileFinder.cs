namespace Gantry.Compose.Files;

/// <summary>Finds the files of a project when none is named: by <c>COMPOSE_FILE</c>, or by their usual names here or in a folder above.</summary>
public static class FileFinder
{
    private static readonly string[] s_names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    private static readonly string[] s_overrides = [
        "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml"];

    /// <summary>The files that <c>COMPOSE_FILE</c> names, or null when it is not set.</summary>
    /// <exception cref="ComposeException">One is missing.</exception>
    public static IReadOnlyList<string>? FromVariable(IReadOnlyDictionary<string, string> variables, string currentFolder)
    {
        if (!variables.TryGetValue("COMPOSE_FILE", out var value))
            return null;
        var separator = variables.TryGetValue("COMPOSE_PATH_SEPARATOR", out var given) && given.Length > 0 ? given : ":";
        var files = value.Split(separator).Select(file => file == "-" ? file : Path.GetFullPath(file, currentFolder)).ToArray();
        var missing = files.FirstOrDefault(static file => file != "-" && !Path.Exists(file));
        return missing is null ? files : throw new ComposeException($"stat {missing}: no such file or directory");
    }

    /// <summary>The files by their usual names; empty when there are none.</summary>
    public static IReadOnlyList<string> ByName(string folder, Action<string> warn)
    {
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            var found = Existing(at, s_names);
            if (found.Length == 0)
                continue;
            if (found.Length > 1)
            {
                warn($"Found multiple config files with supported names: {string.Join(", ", found)}");
                warn($"Using {found[0]}");
            }
            var overrides = Existing(at, s_overrides);
            if (overrides.Length > 1)
            {
                warn($"Found multiple override files with supported names: {string.Join(", ", overrides)}");
                warn($"Using {overrides[0]}");
            }
            return [found[0], .. overrides.Take(1)];
        }
        return [];
    }

    private static string[] Existing(string folder, string[] names) => [.. names.Select(name => Path.Combine(folder, name)).Where(Path.Exists)];
}
