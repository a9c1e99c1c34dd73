using Gantry.Oci;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Cli.Lifecycle;
using Gantry.Runtime.Rootfs;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>create</c>: everything but the last step, the execution of the container's file.</summary>
internal static class CreateCommand
{
    internal static int Run(GlobalOptions global, ReadOnlySpan<string> words)
    {
        var options = CommandOptions.Parse(words, CreateRequest.Options);
        options.Require("create", 1, 1);
        var request = CreateRequest.From(options, options.Arguments[0]);
        var process = request.Spec.Process ?? throw GantryException.Invalid("process is missing in the configuration");
        using var terminal = ProcessTerminal.Make(process, () => ContainerTerminals.Mount(request.Spec), request.ConsoleSocket, detached: true);
        new ContainerMaker(global, new ProcessSpawner(), request).Make(terminal, hold: true).PidFd.Dispose();
        return 0;
    }
}
