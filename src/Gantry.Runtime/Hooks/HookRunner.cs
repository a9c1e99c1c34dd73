using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Create;
using Gantry.Runtime.Exec;

namespace Gantry.Runtime.Hooks;

/// <summary>Runs a container's hooks (config.md, "POSIX-platform Hooks"): each gets the container's state on its standard input.</summary>
/// <param name="spawner">What starts them.</param>
/// <param name="spec">The container's configuration.</param>
/// <param name="id">Its ID.</param>
/// <param name="bundle">The absolute path of its bundle.</param>
public sealed class HookRunner(ProcessSpawner spawner, RuntimeSpec spec, string id, string bundle)
{
    private const int KeptOutput = 65536;
    private const string CreatingStatus = "creating", CreatedStatus = "created", RunningStatus = "running", StoppedStatus = "stopped";

    private readonly HooksSpec _hooks = spec.Hooks ?? new HooksSpec();

    /// <summary>
    /// Told the container's root, as the hooks that follow can reach it. For a bundle that is written on the way: a root that is attached
    /// in the container's own mount namespace alone has no path before its process is there.
    /// </summary>
    public Action<string>? RootMoved { get; init; }

    /// <summary>Whether the process waits before it changes its root: there are hooks for that point.</summary>
    public bool WaitsBeforePivot => _hooks.Prestart is { Count: > 0 } || _hooks.CreateRuntime is { Count: > 0 } || _hooks.CreateContainer is { Count: > 0 };

    /// <summary>Whether the process waits before it executes its file: there are hooks for that point.</summary>
    public bool WaitsBeforeExecute => _hooks.StartContainer is { Count: > 0 };

    /// <summary>Runs those for which the process waits before it changes its root.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="process">Its pidfd.</param>
    /// <param name="root">Where its root is attached in its mount namespace.</param>
    /// <exception cref="HookException">One failed; those after it were not run.</exception>
    public void Creating(int pid, Fd process, string root)
    {
        RootMoved?.Invoke($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/root{root}");
        RunOnHost("prestart", _hooks.Prestart, CreatingStatus, pid);
        RunOnHost("createRuntime", _hooks.CreateRuntime, CreatingStatus, pid);
        RootMoved?.Invoke(root);
        var state = State(CreatingStatus, NumberWithin(pid));
        RunAll("createContainer", _hooks.CreateContainer, hook => OnHost(hook, state, process, root));
    }

    /// <summary>
    /// Runs those for which the process waits before it executes its file. Their files are the container's, so they are confined as it is: as its
    /// user, with its capabilities and filter, in its cgroup.
    /// </summary>
    /// <param name="pid">The process.</param>
    /// <param name="process">Its pidfd.</param>
    /// <param name="cgroup">Its cgroup.</param>
    /// <exception cref="HookException">One failed; those after it were not run.</exception>
    public void Starting(int pid, Fd process, Cgroup? cgroup)
    {
        var state = State(CreatedStatus, NumberWithin(pid));
        RunAll("startContainer", _hooks.StartContainer, hook => InContainer(hook, state, process, cgroup));
    }

    /// <summary>Runs those that come when the process has executed its file.</summary>
    /// <param name="pid">The process.</param>
    /// <exception cref="HookException">One failed: the process is to be ended.</exception>
    public void Started(int pid)
    {
        RootMoved?.Invoke($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/root");
        RunOnHost("poststart", _hooks.Poststart, RunningStatus, pid);
    }

    /// <summary>Runs those that come when the container is gone: all of them, whether others fail or not.</summary>
    /// <returns>What failed.</returns>
    public IReadOnlyList<HookException> Stopped()
    {
        var failures = new List<HookException>();
        var state = State(StoppedStatus, 0);
        var hooks = _hooks.Poststop ?? [];
        for (var i = 0; i < hooks.Count; i++)
        {
            try
            {
                RunOne("poststop", i, hooks[i], hook => OnHost(hook, state, null, null));
            }
            catch (HookException failure)
            {
                failures.Add(failure);
            }
        }
        return failures;
    }

    private void RunOnHost(string kind, IReadOnlyList<HookSpec>? hooks, string status, int pid)
    {
        var state = State(status, pid);
        RunAll(kind, hooks, hook => OnHost(hook, state, null, null));
    }

    private static void RunAll(string kind, IReadOnlyList<HookSpec>? hooks, Func<HookSpec, ProcessEnd> run)
    {
        for (var i = 0; i < hooks?.Count; i++)
            RunOne(kind, i, hooks[i], run);
    }

    private static void RunOne(string kind, int index, HookSpec hook, Func<HookSpec, ProcessEnd> run)
    {
        var what = $"error running {kind} hook #{index.ToString(CultureInfo.InvariantCulture)}";
        if (!hook.Path.StartsWith('/'))
            throw new HookException(kind, $"{what}: path \"{hook.Path}\" is not absolute");
        try
        {
            var end = run(hook);
            if (end.Exit is not { } exit)
                throw new HookException(
                    kind, string.Create(CultureInfo.InvariantCulture, $"{what}: hook ran past specified timeout of {(double)hook.Timeout!:F1}s"));
            if (exit.Code != 0)
                throw new HookException(
                    kind, $"{what}: {Describe(exit)}, stdout: {Encoding.UTF8.GetString(end.Output)}, stderr: {Encoding.UTF8.GetString(end.Error)}");
        }
        catch (OsException error)
        {
            var isExec = error.Operation.StartsWith("exec ", StringComparison.Ordinal);
            throw new HookException(kind, isExec ? $"{what}: fork/exec {hook.Path}: {error.Errno.Description}" : $"{what}: {error.Message}", error);
        }
    }

    private static string Describe(ProcessExitStatus exit) =>
        exit.Signal > 0 ? $"killed by signal {exit.Signal.ToString(CultureInfo.InvariantCulture)}"
            : $"exit status {exit.Code.ToString(CultureInfo.InvariantCulture)}";

    private ProcessEnd OnHost(HookSpec hook, byte[] state, Fd? namespaces, string? folder) =>
        new HostProgram(spawner) { Namespaces = namespaces, Folder = folder, Timeout = Milliseconds(hook), OutputLimit = KeptOutput }
            .Run(hook.Path, hook.Args ?? [hook.Path], hook.Env ?? [], state);

    private ProcessEnd InContainer(HookSpec hook, byte[] state, Fd process, Cgroup? cgroup)
    {
        var own = (spec.Process ?? new ProcessSpec()) with { Args = hook.Args ?? [hook.Path], Env = hook.Env ?? [], Cwd = "/", Terminal = false };
        return PipedProcess.Run(
            spawner, streams => ExecProgram.Compile(spec, own, new ExecResources { Init = process, Cgroup = cgroup, Streams = streams, File = hook.Path }),
            state, Milliseconds(hook), KeptOutput);
    }

    private static int Milliseconds(HookSpec hook) => hook.Timeout is { } seconds ? (int)Math.Min(seconds * 1000L, int.MaxValue) : -1;

    /// <summary>A process's number in its own pid namespace: what hooks in the container's namespaces are told (runtime.md, "State").</summary>
    private static int NumberWithin(int pid)
    {
        const string name = "NSpid:";
        var line = File.ReadLines($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return int.Parse(line.AsSpan(line.LastIndexOf('\t') + 1), CultureInfo.InvariantCulture);
    }

    /// <summary>In one line, as shell scripts take it apart.</summary>
    private byte[] State(string status, int pid)
    {
        var state = new RuntimeState
        {
            OciVersion = spec.OciVersion ?? RuntimeSupport.Specification,
            Id = id,
            Status = status,
            Pid = pid,
            Bundle = bundle,
            Annotations = spec.Annotations,
        };
        var document = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(document))
            JsonSerializer.Serialize(writer, state, RuntimeSpecJson.Default.RuntimeState);
        return document.WrittenSpan.ToArray();
    }
}
