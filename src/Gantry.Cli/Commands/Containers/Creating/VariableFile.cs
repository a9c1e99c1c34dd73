using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>Files of variables or labels, one a line.</summary>
internal static class VariableFile
{
    /// <summary>Puts the variables of files before those of flags; a name without value takes the value that this process has.</summary>
    /// <exception cref="CommandException">A file cannot be read, or a line is malformed.</exception>
    public static IReadOnlyList<string>? ReadEnvironment(IReadOnlyList<string> files, IReadOnlyList<string> values, Func<string, string?> environment)
    {
        var variables = new List<string>();
        foreach (var file in files)
            variables.AddRange(Read(file, "env", environment));
        foreach (var value in values)
            variables.Add(value.Contains('=', StringComparison.Ordinal) || environment(value) is not { } own ? value : $"{value}={own}");
        return variables.Count > 0 ? variables : null;
    }

    /// <summary>Puts the labels of files before those of flags.</summary>
    /// <exception cref="CommandException">A file cannot be read, or a line is malformed.</exception>
    public static IEnumerable<string> ReadLabels(IReadOnlyList<string> files, IReadOnlyList<string> values) =>
        files.SelectMany(static file => Read(file, "label", environment: null)).Concat(values);

    private static IEnumerable<string> Read(string file, string kind, Func<string, string?>? environment)
    {
        foreach (var raw in FileArgument.ReadText(file).Split('\n'))
        {
            var line = raw.TrimEnd('\r').TrimStart();
            if (line.Length == 0 || line[0] == '#')
                continue;
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? line : line[..equals];
            if (name.Length == 0)
                throw new CommandException($"invalid {kind} file ({file}): no variable name on line '{line}'");
            if (name.AsSpan().IndexOfAny(' ', '\t') >= 0)
                throw new CommandException($"invalid {kind} file ({file}): variable '{name}' contains whitespaces");
            if (equals >= 0)
                yield return line;
            else if (environment is null)
                yield return line;
            else if (environment(name) is { } value)
                yield return $"{name}={value}";
        }
    }
}
