using System.Text.Json;

namespace Gantry.Build.Dockerfile;

/// <summary>Makes instructions of logical lines.</summary>
internal sealed class InstructionParser(char escape)
{
    public static readonly string[] Names =
    [
        "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL",
        "USER", "VOLUME", "WORKDIR",
    ];

    private static readonly string[] s_healthOptions = ["interval", "timeout", "start-period", "start-interval", "retries"];

    /// <exception cref="DockerfileException">The line is no instruction.</exception>
    public Instruction Parse(LogicalLine line)
    {
        var written = NameOf(line);
        var arguments = line.Text[written.Length..].Trim();
        var name = written.ToUpperInvariant();
        if (!Names.Contains(name))
            throw DockerfileException.Parse(line.Range, $"unknown instruction: {written}{Suggestion.For(name, Names)}");
        if (arguments.Length == 0 && name is not ("RUN" or "CMD" or "ENTRYPOINT" or "MAINTAINER"))
            throw Bad(line, $"{name} requires at least one argument");
        return Parse(name, arguments, line) with
        {
            Name = name,
            WrittenName = written,
            Text = line.Text,
            Range = line.Range,
            Comments = line.Comments,
            HasEmptyContinuation = line.HasEmptyContinuation,
        };
    }

    /// <summary>The name of the instruction that a line has, as it is written.</summary>
    public static string NameOf(LogicalLine line) => line.Text.IndexOfAny([' ', '\t']) is var blank and >= 0 ? line.Text[..blank] : line.Text;

    private Instruction Parse(string name, string arguments, LogicalLine line) => name switch
    {
        "FROM" => From(arguments, line),
        "RUN" => Run(arguments, line),
        "CMD" => new CmdInstruction(Command(arguments, [])) { Name = name, WrittenName = name, Text = "", Range = line.Range },
        "ENTRYPOINT" => new EntrypointInstruction(Command(arguments, [])) { Name = name, WrittenName = name, Text = "", Range = line.Range },
        "COPY" => Copy(arguments, line),
        "ADD" => Add(arguments, line),
        "ENV" => Pairs(arguments, line) is var (pairs, legacy)
            ? new EnvInstruction(pairs, legacy) { Name = name, WrittenName = name, Text = "", Range = line.Range } : null!,
        "LABEL" => Pairs(arguments, line) is var (labels, old)
            ? new LabelInstruction(labels, old) { Name = name, WrittenName = name, Text = "", Range = line.Range } : null!,
        "ARG" => new ArgInstruction(Arguments(arguments, line)) { Name = name, WrittenName = name, Text = "", Range = line.Range },
        "EXPOSE" => new ExposeInstruction(QuotedWords.Split(arguments, escape)) { Name = name, WrittenName = name, Text = "", Range = line.Range },
        "VOLUME" => new VolumeInstruction(Volumes(arguments, line)) { Name = name, WrittenName = name, Text = "", Range = line.Range },
        "WORKDIR" => new WorkdirInstruction(arguments) { Name = name, WrittenName = name, Text = "", Range = line.Range },
        "USER" => new UserInstruction(arguments) { Name = name, WrittenName = name, Text = "", Range = line.Range },
        "STOPSIGNAL" => new StopSignalInstruction(One(arguments, line, name)) { Name = name, WrittenName = name, Text = "", Range = line.Range },
        "SHELL" => new ShellInstruction(Shell(arguments, line)) { Name = name, WrittenName = name, Text = "", Range = line.Range },
        "MAINTAINER" => new MaintainerInstruction(arguments) { Name = name, WrittenName = name, Text = "", Range = line.Range },
        "HEALTHCHECK" => Healthcheck(arguments, line),
        _ => OnBuild(arguments, line),
    };

    private FromInstruction From(string arguments, LogicalLine line)
    {
        var flags = InstructionFlags.Take("FROM", line.Range, ref arguments, escape, "platform");
        var words = QuotedWords.Split(arguments, escape);
        if (words.Count is not (1 or 3) || (words.Count == 3 && !words[1].Equals("as", StringComparison.OrdinalIgnoreCase)))
            throw Bad(line, "FROM requires either one or three arguments");
        var alias = words.Count == 3 ? words[2].ToLowerInvariant() : null;
        if (alias is not null && !IsStageName(alias))
            throw Bad(line, $"invalid name for build stage: \"{words[2]}\", name can't start with a number or contain symbols");
        return new FromInstruction(words[0], alias, flags.Text("platform"), words.Count == 3 ? words[1] : null)
        {
            Name = "FROM", WrittenName = "FROM", Text = "", Range = line.Range,
        };
    }

    private static bool IsStageName(string name) =>
        char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private RunInstruction Run(string arguments, LogicalLine line)
    {
        var flags = InstructionFlags.Take("RUN", line.Range, ref arguments, escape, "mount", "network", "security", "device");
        if (arguments.Length == 0)
            throw Bad(line, "RUN requires at least one argument");
        return new RunInstruction(Command(arguments, line.Heredocs), flags.Texts("mount"), flags.Text("network"), flags.Text("security"), flags.Texts("device"))
        {
            Name = "RUN", WrittenName = "RUN", Text = "", Range = line.Range,
        };
    }

    private static CommandLine Command(string arguments, IReadOnlyList<Heredoc> heredocs) =>
        TryJson(arguments) is { } words ? new CommandLine(words, false, heredocs) : new CommandLine([arguments], true, heredocs);

    private CopyInstruction Copy(string arguments, LogicalLine line)
    {
        var flags = InstructionFlags.Take("COPY", line.Range, ref arguments, escape, "from", "chown", "chmod", "link", "parents", "exclude");
        var (sources, destination, documents) = Transfer("COPY", arguments, line);
        return new CopyInstruction
        {
            Name = "COPY", WrittenName = "COPY", Text = "", Range = line.Range,
            Sources = sources, Destination = destination, Documents = documents,
            From = flags.Text("from"), Chown = flags.Text("chown"), Chmod = flags.Text("chmod"), Link = flags.Switch("link") ?? false,
            Parents = flags.Switch("parents") ?? false, Excludes = flags.Texts("exclude"),
        };
    }

    private AddInstruction Add(string arguments, LogicalLine line)
    {
        var flags = InstructionFlags.Take("ADD", line.Range, ref arguments, escape, "chown", "chmod", "link", "exclude", "checksum", "keep-git-dir", "unpack");
        var (sources, destination, documents) = Transfer("ADD", arguments, line);
        return new AddInstruction
        {
            Name = "ADD", WrittenName = "ADD", Text = "", Range = line.Range,
            Sources = sources, Destination = destination, Documents = documents,
            Chown = flags.Text("chown"), Chmod = flags.Text("chmod"), Link = flags.Switch("link") ?? false, Excludes = flags.Texts("exclude"),
            Checksum = flags.Text("checksum"), KeepGitDir = flags.Switch("keep-git-dir") ?? false, Unpack = flags.Switch("unpack"),
        };
    }

    private (List<string> Sources, string Destination, List<Heredoc> Documents) Transfer(string name, string arguments, LogicalLine line)
    {
        var words = TryJson(arguments) ?? QuotedWords.Split(arguments, escape);
        if (words.Count < 2)
            throw Bad(line,
                $"{name} requires at least two arguments, but only {words.Count} {(words.Count == 1 ? "was" : "were")} provided. Destination could not be determined");
        var documents = new List<Heredoc>();
        var sources = new List<string>();
        foreach (var word in words.Take(words.Count - 1))
        {
            if (line.Heredocs.Count > 0 && Heredoc.Announced(word) is { } announced)
                documents.Add(line.Heredocs.First(document => document.Name == announced.Name));
            else
                sources.Add(word);
        }
        if (Heredoc.Announced(words[^1]) is not null && line.Heredocs.Count > 0)
            throw Bad(line, $"{name} cannot accept a heredoc as a destination");
        return (sources, words[^1], documents);
    }

    private (List<KeyValue> Pairs, bool IsLegacy) Pairs(string arguments, LogicalLine line)
    {
        var words = QuotedWords.Split(arguments, escape);
        if (!words[0].Contains('='))
        {
            var rest = arguments[words[0].Length..].Trim();
            if (rest.Length == 0)
                throw DockerfileException.At(line.Range, $"{line.Text.Split(' ', '\t')[0].ToUpperInvariant()} must have two arguments");
            return ([new KeyValue(words[0], rest)], true);
        }
        var pairs = new List<KeyValue>();
        foreach (var word in words)
        {
            var equals = word.IndexOf('=');
            if (equals < 0)
                throw DockerfileException.At(line.Range, $"Syntax error - can't find = in \"{word}\". Must be of the form: name=value");
            if (equals == 0)
                throw Bad(line, $"{line.Text.Split(' ', '\t')[0].ToUpperInvariant()} names can not be blank");
            pairs.Add(new KeyValue(word[..equals], word[(equals + 1)..]));
        }
        return (pairs, false);
    }

    private List<BuildArgument> Arguments(string arguments, LogicalLine line)
    {
        var result = new List<BuildArgument>();
        foreach (var word in QuotedWords.Split(arguments, escape))
        {
            var equals = word.IndexOf('=');
            if (equals == 0)
                throw Bad(line, "ARG names can not be blank");
            result.Add(equals < 0 ? new BuildArgument(word, null) : new BuildArgument(word[..equals], word[(equals + 1)..]));
        }
        return result;
    }

    private List<string> Volumes(string arguments, LogicalLine line)
    {
        var paths = TryJson(arguments) ?? QuotedWords.Split(arguments, escape);
        if (paths.Count == 0)
            throw Bad(line, "VOLUME requires at least one argument");
        return paths.Exists(path => path.Trim().Length == 0) ? throw Bad(line, "VOLUME specified can not be an empty string") : paths;
    }

    private static List<string> Shell(string arguments, LogicalLine line) => TryJson(arguments) switch
    {
        null => throw Bad(line, "SHELL requires the arguments to be in JSON form"),
        [] => throw Bad(line, "SHELL requires at least one argument"),
        var words => words,
    };

    private string One(string arguments, LogicalLine line, string name) =>
        QuotedWords.Split(arguments, escape) is [var one] ? one : throw Bad(line, $"{name} requires exactly one argument");

    private HealthcheckInstruction Healthcheck(string arguments, LogicalLine line)
    {
        var flags = InstructionFlags.Take("HEALTHCHECK", line.Range, ref arguments, escape, s_healthOptions);
        var options = s_healthOptions.Select(option => (Name: option, Value: flags.Text(option))).Where(option => option.Value is not null)
            .ToDictionary(option => option.Name, option => option.Value!);
        var blank = arguments.IndexOfAny([' ', '\t']);
        var kind = (blank < 0 ? arguments : arguments[..blank]).ToUpperInvariant();
        var rest = blank < 0 ? "" : arguments[blank..].Trim();
        CommandLine? command = null;
        switch (kind)
        {
            case "NONE" when rest.Length > 0:
                throw Bad(line, "HEALTHCHECK NONE takes no arguments");
            case "NONE":
                break;
            case "CMD" when rest.Length == 0:
                throw Bad(line, "missing command after HEALTHCHECK CMD");
            case "CMD":
                command = Command(rest, []);
                break;
            case "":
                throw Bad(line, "HEALTHCHECK requires at least one argument");
            default:
                throw Bad(line, $"unknown type \"{kind}\" in HEALTHCHECK (try CMD)");
        }
        return new HealthcheckInstruction(command, options) { Name = "HEALTHCHECK", WrittenName = "HEALTHCHECK", Text = "", Range = line.Range };
    }

    private OnBuildInstruction OnBuild(string arguments, LogicalLine line)
    {
        var trigger = arguments.Split([' ', '\t'], 2)[0].ToUpperInvariant();
        if (trigger == "ONBUILD")
            throw Bad(line, "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed");
        if (trigger is "FROM" or "MAINTAINER")
            throw Bad(line, $"{trigger} isn't allowed as an ONBUILD trigger");
        // The trigger is wrong now, not when somebody builds upon the image.
        Parse(new LogicalLine(arguments, line.Range, line.Heredocs, [], false));
        return new OnBuildInstruction(WithDocuments(arguments, line.Heredocs)) { Name = "ONBUILD", WrittenName = "ONBUILD", Text = "", Range = line.Range };
    }

    private static string WithDocuments(string text, IReadOnlyList<Heredoc> documents) =>
        documents.Count == 0 ? text : $"{text}\n{string.Concat(documents.Select(document => $"{document.Content}{document.Name}\n"))}";

    /// <summary>The strings of a JSON array; null when it is none, which makes it the shell form.</summary>
    private static List<string>? TryJson(string text)
    {
        if (!text.StartsWith('['))
            return null;
        try
        {
            using var document = JsonDocument.Parse(text);
            var words = new List<string>();
            foreach (var element in document.RootElement.EnumerateArray())
            {
                if (element.ValueKind != JsonValueKind.String)
                    return null;
                words.Add(element.GetString()!);
            }
            return words;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static DockerfileException Bad(LogicalLine line, string message) => DockerfileException.Parse(line.Range, message);
}
