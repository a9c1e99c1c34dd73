using Gantry.Oci;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Cli.Lifecycle;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>start</c>: lets a created container run.</summary>
internal static class StartCommand
{
    internal static int Run(GlobalOptions global, ReadOnlySpan<string> words)
    {
        var options = CommandOptions.Parse(words, []);
        options.Require("start", 1, 1);
        var record = global.State.Load(options.Arguments[0]);
        switch (global.Status(record).Status)
        {
            case "created":
                ContainerStart.Run(global, record);
                return 0;
            case "stopped":
                throw GantryException.Conflict("cannot start a container that has stopped");
            default:
                throw GantryException.Conflict("cannot start an already running container");
        }
    }
}
