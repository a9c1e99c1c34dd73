namespace Gantry.Build.Dockerfile.Compile;

/// <summary>Compiles the instructions of one stage; those that change files are in the other part.</summary>
internal sealed partial class InstructionCompiler(DockerfileCompiler compiler, StageState stage, int depth)
{
    private readonly ConfigCompiler _configuration = new(stage);

    /// <exception cref="DockerfileException">It asks for something that cannot be had.</exception>
    public async Task CompileAsync(Instruction instruction, CancellationToken cancellation)
    {
        switch (instruction)
        {
            case RunInstruction run:
                await RunAsync(run, cancellation);
                break;
            case CopyInstruction copy:
                await CopyAsync(copy, cancellation);
                break;
            case AddInstruction add:
                Add(add);
                break;
            case WorkdirInstruction workdir:
                ChangeFolder(workdir);
                break;
            case ArgInstruction argument:
                Declare(argument);
                break;
            default:
                _configuration.Compile(instruction);
                break;
        }
    }

    private void Declare(ArgInstruction instruction)
    {
        var texts = new List<string>();
        foreach (var argument in instruction.Arguments)
        {
            var value = argument.Default is null ? null : stage.Variables.Expand(argument.Default, instruction.Range);
            value = compiler.ArgumentOf(argument.Name, value, stage);
            texts.Add(value is null ? argument.Name : $"{argument.Name}={value}");
            stage.Variables.SetArgument(argument.Name, value);
        }
        stage.AddHistory($"ARG {string.Join(' ', texts)}", hasLayer: false);
    }
}
