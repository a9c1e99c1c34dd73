using Gantry.Api.Model;
using Gantry.Engine.Attach;
using Gantry.Engine.Containers;
using Gantry.Engine.Spec;
using Gantry.Oci;
using Gantry.Runtime.Exec;
using Gantry.Runtime.Keeper;
using Gantry.Runtime.Rootfs;

namespace Gantry.Engine.Exec;

/// <summary>Starts the process of an exec.</summary>
internal sealed class ExecLauncher(ContainerStartParts parts, ContainerEvents events)
{
    /// <summary>Checks that the container knows the user who is to run it.</summary>
    /// <exception cref="GantryException">It does not (InvalidArgument).</exception>
    public void CheckUser(Container container, ExecCreateRequest request)
    {
        if (request.User.Length == 0 || char.IsAsciiDigit(request.User[0]))
            return; // Numbers need no entry, and what the container began with was looked up then.
        using var root = ContainerRoot.Open(container);
        _ = parts.Spec.BuildExec(container, request, new RootFiles(root).ReadText);
    }

    /// <summary>Starts it; when this returns it has been executed.</summary>
    /// <exception cref="GantryException">The container does not run any more (Conflict), or its user is unknown (InvalidArgument).</exception>
    public async Task LaunchAsync(ExecInstance exec, AttachEnd? attached, IReadOnlyList<int>? consoleSize)
    {
        var container = exec.Container;
        if (container.Run is not { } run)
            throw GantryException.Conflict($"container {container.Id} is not running");

        var request = exec.Request;
        events.Publish(container, $"exec_start: {string.Join(' ', request.Cmd!)}", ("execID", exec.Id));
        using var root = ContainerRoot.Open(container);
        var process = parts.Spec.BuildExec(container, request, new RootFiles(root).ReadText);
        using var terminals = request.Tty ? ContainerTerminals.Open(root) : null;
        exec.Process = await parts.Keeper.SpawnAsync(
            new SpawnRequest
            {
                Id = exec.Id,
                Stdio = new StdioRequest
                {
                    Terminal = request.Tty,
                    OpenStdin = request.AttachStdin,
                    StdinOnce = true,
                    Size = TerminalSize.OfPair(consoleSize),
                },
                Terminals = terminals,
                Attached = attached is null ? [] : [attached],
                Compile = stdio => ExecProgram.Compile(parts.Spec.BuildForExec(container, request.Privileged), process, new ExecResources
                {
                    Init = run.Process.PidFd,
                    Root = root,
                    Cgroup = run.Cgroup,
                    Streams = stdio,
                    SeccompFilter = parts.Spec.Filter(container, request.Privileged).Program,
                }),
            },
            CancellationToken.None);
    }
}
