namespace Gantry.Compose.Interpolation;

/// <summary>Reads files of variables.</summary>
internal static class VariableFiles
{
    /// <summary>Reads files for interpolation; values may use the variables from outside and those of earlier lines.</summary>
    /// <exception cref="ComposeException">A file is missing or malformed.</exception>
    public static Dictionary<string, string> Read(IReadOnlyDictionary<string, string> outside, IEnumerable<string> files, Action<string>? warn)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            if (Directory.Exists(file))
                throw new ComposeException($"{file} is a directory");
            if (!File.Exists(file))
                throw new ComposeException($"couldn't find env file: {file}");
            Parse(file, variables, name => outside.TryGetValue(name, out var value) || variables.TryGetValue(name, out value) ? value : null, warn);
        }
        return variables;
    }

    /// <summary>Reads one file.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="variables">Takes the variables.</param>
    /// <param name="lookup">Variables for its values.</param>
    /// <param name="warn">Takes messages for the user.</param>
    /// <param name="format">Empty for the usual form, <c>raw</c> for values that are taken as they are.</param>
    /// <exception cref="ComposeException">The file is malformed, or there is no such form.</exception>
    public static void Parse(string file, IDictionary<string, string> variables, Lookup lookup, Action<string>? warn, string format = "")
    {
        if (format is not ("" or ".env" or "raw"))
            throw new ComposeException($"unsupported env_file format \"{format}\"");
        var text = File.ReadAllText(file);
        if (format == "raw")
        {
            ParseRaw(file, text, variables, lookup);
            return;
        }
        try
        {
            VariableFileParser.Parse(text, variables, lookup, warn);
        }
        catch (ComposeException error)
        {
            throw new ComposeException($"failed to read {file}: {error.Message}");
        }
    }

    private static void ParseRaw(string file, string text, IDictionary<string, string> variables, Lookup lookup)
    {
        foreach (var raw in text.TrimStart('\uFEFF').Split('\n'))
        {
            var line = raw.TrimEnd('\r').TrimStart();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var key = equals < 0 ? line : line[..equals];
            if (key.Length == 0)
                throw new ComposeException($"failed to parse env_file {file}: no variable name on line '{line}'");
            if (key.Any(char.IsWhiteSpace))
                throw new ComposeException($"failed to parse env_file {file}: variable '{key}' contains whitespaces");
            if (equals >= 0)
                variables[key] = line[(equals + 1)..];
            else if (lookup(key) is { } value)
                variables[key] = value;
        }
    }
}
