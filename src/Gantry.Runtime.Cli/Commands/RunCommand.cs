using Gantry.Oci;
using Gantry.Os.Processes;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Cli.Lifecycle;
using Gantry.Runtime.Rootfs;

namespace Gantry.Runtime.Cli.Commands;

/// <summary><c>run</c>: create and start; then wait for the end and clean up, unless detached.</summary>
internal static class RunCommand
{
    // This command never adopts the orphans of a container that shares the host's pid namespace: --no-subreaper is how it always is.
    private static readonly OptionDefinition[] Options =
        [.. CreateRequest.Options, new("detach", false, "d"), new("keep", false), new("no-subreaper", false)];

    internal static int Run(GlobalOptions global, ReadOnlySpan<string> words)
    {
        var options = CommandOptions.Parse(words, Options);
        options.Require("run", 1, 1);
        var detached = options.Has("detach");
        var request = CreateRequest.From(options, options.Arguments[0]);
        var process = request.Spec.Process ?? throw GantryException.Invalid("process is missing in the configuration");
        using var terminal = ProcessTerminal.Make(process, () => ContainerTerminals.Mount(request.Spec), request.ConsoleSocket, detached);
        var spawner = new ProcessSpawner();

        // 1. The process; where there are hooks it waits for them.
        var held = request.Spec.Hooks is not null;
        var (record, pidFd) = new ContainerMaker(global, spawner, request).Make(terminal, held);
        using (pidFd)
        {
            terminal.Streams.Terminal?.Dispose();
            if (held)
                ContainerStart.Run(global, record);
            if (detached)
                return 0;

            // 2. Its life.
            var code = new ForegroundProcess(pidFd, terminal.Master).Wait();
            if (!options.Has("keep"))
                ContainerRemover.Remove(global, record, request.Spec, spawner);
            return code;
        }
    }
}
