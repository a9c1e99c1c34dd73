using Gantry.Api.Model;
using Gantry.Client.Streams;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;

namespace Gantry.Compose.Running;

/// <summary>Runs the commands that a service wants beside its own, after the start and before the stop.</summary>
/// <param name="engine">The daemon.</param>
internal sealed class HookRunner(EngineAccess engine)
{
    /// <summary>Opens what takes the output of the commands in a container; null when nobody reads it.</summary>
    public Func<ContainerSummary, Stream>? OpenOutput { get; init; }

    /// <summary>Runs them in turn.</summary>
    /// <param name="container">Where.</param>
    /// <param name="service">The service.</param>
    /// <param name="kind"><c>post_start</c> or <c>pre_stop</c>.</param>
    /// <exception cref="ComposeException">One failed.</exception>
    public async Task RunAsync(ContainerSummary container, Service service, string kind)
    {
        if (engine.IsDryRun)
            return;
        foreach (var hook in service.Maps(kind))
        {
            var exec = await engine.Client.CreateExecAsync(container.Id, new ExecCreateRequest
            {
                User = hook.Text("user"),
                Privileged = hook.Flag("privileged"),
                WorkingDir = hook.Text("working_dir"),
                Env = ContainerRequests.Environment(hook.Map("environment")),
                Cmd = hook.Texts("command"),
                AttachStdout = true,
                AttachStderr = true,
            }).ConfigureAwait(false);
            // Its output is awaited in any case, as that tells when it is done.
            using (var stream = await engine.Client.StartExecAsync(exec.Id, new ExecStartRequest()).ConfigureAwait(false))
            await using (var lines = OpenOutput?.Invoke(container) ?? Stream.Null)
                await MultiplexedReader.CopyAsync(stream, lines, lines, CancellationToken.None).ConfigureAwait(false);
            var ended = await engine.Client.InspectExecAsync(exec.Id).ConfigureAwait(false);
            if (ended.ExitCode is not (null or 0))
                throw new ComposeException($"{service.Name} hook exited with status {ended.ExitCode}");
        }
    }
}
