using Gantry.Cli.Flags;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Containers;

/// <summary>
/// <c>checkpoint create</c>, <c>ls</c>, <c>rm</c>: experimental in docker; no engine of ours saves processes, and each says so as docker's client does.
/// </summary>
internal sealed class CheckpointCommand : Command
{
    private readonly string _name;

    private CheckpointCommand(FlagSet flags, string name)
    {
        _name = name;
        flags.String("checkpoint-dir", "Use a custom checkpoint storage directory");
        if (name == "create")
            flags.Bool("leave-running", "Leave the container running after checkpoint");
    }

    public static CommandEntry CreateEntry =>
        Entry(["checkpoint create"], "[OPTIONS] CONTAINER CHECKPOINT", "Create a checkpoint from a running container", 2, "create");

    public static CommandEntry ListEntry => Entry(["checkpoint ls", "checkpoint list"], "[OPTIONS] CONTAINER", "List checkpoints for a container", 1, "ls");

    public static CommandEntry RemoveEntry => Entry(["checkpoint rm", "checkpoint remove"], "[OPTIONS] CONTAINER CHECKPOINT", "Remove a checkpoint", 2, "rm");

    public override Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments) =>
        throw new CommandException($"{session.Program} checkpoint {_name} is only supported on a Docker daemon with experimental features enabled");

    private static CommandEntry Entry(IReadOnlyList<string> paths, string usage, string summary, int count, string name) =>
        new(paths, usage, summary, ArgumentCount.Exactly(count), flags => new CheckpointCommand(flags, name));
}
