namespace Gantry.Build.Dockerfile;

/// <summary>The <c>--name=value</c> flags at the beginning of an instruction's arguments.</summary>
internal sealed class InstructionFlags
{
    private readonly List<(string Name, string? Value)> _flags;
    private readonly string _instruction;
    private readonly SourceRange _range;

    private InstructionFlags(string instruction, SourceRange range, List<(string, string?)> flags) =>
        (_instruction, _range, _flags) = (instruction, range, flags);

    /// <summary>Takes the flags off the arguments.</summary>
    /// <exception cref="DockerfileException">One is not among those known.</exception>
    public static InstructionFlags Take(string instruction, SourceRange range, ref string arguments, char escape, params string[] known)
    {
        var flags = new List<(string, string?)>();
        while (arguments.StartsWith("--", StringComparison.Ordinal))
        {
            var length = WordLength(arguments, escape);
            var word = Unquote(arguments[..length], escape);
            arguments = arguments[length..].TrimStart();
            if (word == "--")
                break;
            var equals = word.IndexOf('=');
            var name = equals < 0 ? word[2..] : word[2..equals];
            if (!known.Contains(name))
                throw DockerfileException.Parse(range, $"unknown flag: --{name}{Suggestion.For(name, known)}");
            flags.Add((name, equals < 0 ? null : word[(equals + 1)..]));
        }
        return new InstructionFlags(instruction, range, flags);
    }

    /// <summary>The value of a flag that is given once at most; null when it is not given.</summary>
    public string? Text(string name)
    {
        var found = _flags.Where(flag => flag.Name == name).ToList();
        if (found.Count > 1)
            throw DockerfileException.Parse(_range, $"duplicate flag specified: {name}");
        return found.Count == 0 ? null : found[0].Value ?? throw DockerfileException.Parse(_range, $"missing a value on flag: {name}");
    }

    /// <summary>All values of a flag.</summary>
    public List<string> Texts(string name) =>
        [.. _flags.Where(flag => flag.Name == name).Select(flag => flag.Value ?? throw DockerfileException.Parse(_range, $"missing a value on flag: {name}"))];

    /// <summary>The value of a flag that is true when it has none; null when it is not given.</summary>
    public bool? Switch(string name)
    {
        var found = _flags.Where(flag => flag.Name == name).ToList();
        return found.Count switch
        {
            0 => null,
            > 1 => throw DockerfileException.Parse(_range, $"duplicate flag specified: {name}"),
            _ => found[0].Value?.ToLowerInvariant() switch
            {
                null or "true" => true,
                "false" => false,
                var other => throw DockerfileException.Parse(_range, $"{_instruction}: expecting boolean value for flag {name}, not: {other}"),
            },
        };
    }

    private static int WordLength(string text, char escape)
    {
        var quote = '\0';
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == escape)
                i++;
            else if (quote == '\0' && text[i] is '"' or '\'')
                quote = text[i];
            else if (text[i] == quote)
                quote = '\0';
            else if (quote == '\0' && char.IsWhiteSpace(text[i]))
                return i;
        }
        return text.Length;
    }

    private static string Unquote(string word, char escape)
    {
        var result = new System.Text.StringBuilder();
        var quote = '\0';
        for (var i = 0; i < word.Length; i++)
        {
            if (word[i] == escape && i + 1 < word.Length)
                result.Append(word[++i]);
            else if (quote == '\0' && word[i] is '"' or '\'')
                quote = word[i];
            else if (word[i] == quote)
                quote = '\0';
            else
                result.Append(word[i]);
        }
        return result.ToString();
    }
}
