using Gantry.Oci;

namespace Gantry.Runtime.Cli.CommandLine;

/// <summary>One option of a command: its name, its short form, and whether a value follows.</summary>
/// <param name="Name">E.g. <c>bundle</c>.</param>
/// <param name="TakesValue">Whether a value follows.</param>
/// <param name="Short">One letter, or nothing.</param>
internal readonly record struct OptionDefinition(string Name, bool TakesValue = true, string Short = "");

/// <summary>
/// The options and arguments of one command. As with runc's parser, options come first, with one or two dashes, values after <c>=</c> or as
/// the next word; <c>--</c> or the first other word ends them.
/// </summary>
internal sealed class CommandOptions
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private CommandOptions(IReadOnlyList<string> arguments) => Arguments = arguments;

    /// <summary>What follows the options.</summary>
    internal IReadOnlyList<string> Arguments { get; private set; }

    /// <summary>Whether an option was given and is not <c>false</c>.</summary>
    internal bool Has(string name) => _values.TryGetValue(name, out var values) && values[^1] != "false";

    /// <summary>The last value given; null: none.</summary>
    internal string? Value(string name) => _values.TryGetValue(name, out var values) ? values[^1] : null;

    /// <summary>All values given.</summary>
    internal IReadOnlyList<string> Values(string name) => _values.TryGetValue(name, out var values) ? values : [];

    /// <summary>The last value as a number.</summary>
    internal int Number(string name, int otherwise) => Value(name) is not { } text ? otherwise
        : int.TryParse(text, out var number) && number >= 0 ? number
        : throw new UsageException($"invalid value \"{text}\" for flag -{name}");

    /// <summary>Sorts the words of a command line.</summary>
    /// <param name="words">What follows the command's name.</param>
    /// <param name="definitions">The options that it knows.</param>
    /// <exception cref="UsageException">An option is not known, or lacks its value.</exception>
    internal static CommandOptions Parse(ReadOnlySpan<string> words, ReadOnlySpan<OptionDefinition> definitions)
    {
        var options = new CommandOptions([]);
        var index = 0;
        for (; index < words.Length; index++)
        {
            var word = words[index];
            if (word == "--")
            {
                index++;
                break;
            }
            if (word.Length < 2 || word[0] != '-')
                break;
            var name = word.TrimStart('-');
            string? value = null;
            if (name.IndexOf('=', StringComparison.Ordinal) is > 0 and var equals)
                (name, value) = (name[..equals], name[(equals + 1)..]);
            var definition = Find(name, definitions);
            if (definition.TakesValue && value is null)
                value = ++index < words.Length ? words[index] : throw new UsageException($"flag needs an argument: -{name}");
            options.Add(definition.Name, value ?? "true");
        }
        options.Arguments = words[index..].ToArray();
        return options;
    }

    /// <summary>Makes sure of the number of arguments.</summary>
    /// <exception cref="UsageException">There are more or fewer.</exception>
    internal void Require(string command, int least, int most)
    {
        if (Arguments.Count >= least && Arguments.Count <= most)
            return;
        var count = least == most ? $"exactly {least}" : Arguments.Count < least ? $"a minimum of {least}" : $"a maximum of {most}";
        throw new UsageException($"\"{command}\" requires {count} argument(s)");
    }

    private void Add(string name, string value)
    {
        if (!_values.TryGetValue(name, out var values))
            _values[name] = values = [];
        values.Add(value);
    }

    private static OptionDefinition Find(string name, ReadOnlySpan<OptionDefinition> definitions)
    {
        foreach (var definition in definitions)
        {
            if (definition.Name == name || (definition.Short.Length > 0 && definition.Short == name))
                return definition;
        }
        throw new UsageException($"flag provided but not defined: -{name}");
    }
}

/// <summary>The command line itself is wrong.</summary>
internal sealed class UsageException(string message) : Exception(message);
