namespace Gantry.Build.Dockerfile;

/// <summary>A stage: a FROM and what follows.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="Instructions">What follows, up to the next FROM.</param>
/// <param name="Index">Its number, from 0.</param>
public sealed record BuildStage(FromInstruction From, IReadOnlyList<Instruction> Instructions, int Index)
{
    /// <summary>Its name, or its number.</summary>
    public string DisplayName => From.Alias ?? $"stage-{Index}";
}

/// <summary>A whole Dockerfile.</summary>
/// <param name="File">The text it is made from.</param>
/// <param name="Directives">Its parser directives.</param>
/// <param name="GlobalArguments">The ARG instructions before the first stage.</param>
/// <param name="Stages">Its stages, in order.</param>
public sealed record DockerfileDocument(
    SourceFile File, ParserDirectives Directives, IReadOnlyList<ArgInstruction> GlobalArguments, IReadOnlyList<BuildStage> Stages)
{
    /// <summary>Parses a Dockerfile.</summary>
    /// <exception cref="DockerfileException">It is malformed; the error has the lines.</exception>
    public static DockerfileDocument Parse(SourceFile file)
    {
        try
        {
            var directives = ParserDirectives.Read(file);
            var parser = new InstructionParser(directives.Escape);
            var instructions = new LogicalLineReader(file, directives.Escape).ReadAll().ConvertAll(parser.Parse);
            return Split(file, directives, instructions);
        }
        catch (DockerfileException error)
        {
            throw error.In(file);
        }
    }

    /// <summary>Parses a trigger of an image that is built upon.</summary>
    /// <param name="trigger">Its text.</param>
    /// <param name="range">The lines that errors tell.</param>
    /// <param name="allow">Is called with the name of each instruction, and may refuse it; null: all are allowed.</param>
    /// <exception cref="DockerfileException">It is malformed.</exception>
    public static IReadOnlyList<Instruction> ParseTrigger(string trigger, SourceRange range, Action<string>? allow = null)
    {
        var parser = new InstructionParser('\\');
        var lines = new LogicalLineReader(new SourceFile("ONBUILD", trigger), '\\').ReadAll();
        return lines.ConvertAll(line =>
        {
            allow?.Invoke(InstructionParser.NameOf(line).ToUpperInvariant());
            return parser.Parse(line) with { Range = range };
        });
    }

    /// <summary>What is said of a file that has comments alone.</summary>
    public const string NoInstructions = "file with no instructions";

    private static DockerfileDocument Split(SourceFile file, ParserDirectives directives, List<Instruction> instructions)
    {
        if (instructions.Count == 0)
            throw DockerfileException.At(new SourceRange(1, 1), file.Text.Length == 0 ? "the Dockerfile cannot be empty" : NoInstructions);
        var globals = new List<ArgInstruction>();
        var stages = new List<BuildStage>();
        var current = new List<Instruction>();
        foreach (var instruction in instructions)
        {
            if (instruction is FromInstruction from)
            {
                current = [];
                stages.Add(new BuildStage(from, current, stages.Count));
            }
            else if (stages.Count > 0)
                current.Add(instruction);
            else if (instruction is ArgInstruction argument)
                globals.Add(argument);
            else
                throw DockerfileException.At(instruction.Range, "no build stage in current context");
        }
        return stages.Count > 0 ? new DockerfileDocument(file, directives, globals, stages)
            : throw DockerfileException.At(instructions[^1].Range, "no build stage in current context");
    }
}
