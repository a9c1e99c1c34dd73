using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Processes;

namespace Gantry.Runtime.Cli.Lifecycle;

/// <summary>Runs hooks (config.md, "POSIX-platform Hooks"): each gets the container's state on its standard input.</summary>
internal sealed class HookRunner(ProcessSpawner spawner, RuntimeSpec spec, string id, string bundle)
{
    /// <summary>Runs hooks in order; the first that fails ends it.</summary>
    /// <param name="kind">Their name in the configuration.</param>
    /// <param name="hooks">The hooks.</param>
    /// <param name="status">The container's status.</param>
    /// <param name="pid">The container's first process; 0: none.</param>
    /// <param name="namespaces">The pidfd of a process whose namespaces the hooks run in; null: this process's.</param>
    /// <exception cref="GantryException">A hook failed.</exception>
    internal void Run(string kind, IReadOnlyList<HookSpec>? hooks, string status, int pid, Fd? namespaces = null)
    {
        if (hooks is not { Count: > 0 })
            return;
        var state = new RuntimeState
        {
            OciVersion = spec.OciVersion ?? RuntimeVersion.Specification,
            Id = id,
            Status = status,
            Pid = pid,
            Bundle = bundle,
            Annotations = spec.Annotations,
        };
        var document = JsonSerializer.SerializeToUtf8Bytes(state, RuntimeSpecJson.Default.RuntimeState);
        for (var i = 0; i < hooks.Count; i++)
            RunOne($"error running {kind} hook #{i}", hooks[i], document, namespaces);
    }

    private void RunOne(string what, HookSpec hook, byte[] document, Fd? namespaces)
    {
        if (!hook.Path.StartsWith('/'))
            throw GantryException.Invalid($"{what}: path \"{hook.Path}\" is not absolute");
        var program = new HostProgram(spawner) { Namespaces = namespaces, Timeout = hook.Timeout is { } seconds ? checked(seconds * 1000) : -1 };
        try
        {
            var (exit, _) = program.Run(hook.Path, hook.Args ?? [hook.Path], hook.Env ?? [], document);
            if (exit is null)
                throw new GantryException(ErrorKind.System, $"{what}: hook ran past specified timeout of {hook.Timeout}s");
            if (exit.Value.Code != 0)
                throw new GantryException(ErrorKind.System, $"{what}: exit status {exit.Value.Code}");
        }
        catch (OsException error)
        {
            throw new GantryException(ErrorKind.System, $"{what}: {error.Message}", error);
        }
    }
}
