using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Create;
using Gantry.Runtime.Hooks;
using Gantry.Runtime.State;

namespace Gantry.Runtime.Cli.Lifecycle;

/// <summary>Makes a container from a bundle: reserves its ID, makes its cgroup, creates its process, remembers it.</summary>
internal sealed class ContainerMaker(GlobalOptions global, ProcessSpawner spawner, CreateRequest request)
{
    private readonly StateFolder _state = global.State;
    private readonly HookRunner _hooks = new(spawner, request.Spec, request.Id, request.Bundle);

    /// <summary>Makes the container.</summary>
    /// <param name="terminal">The process's streams.</param>
    /// <param name="hold">Whether the process waits for <c>start</c>, as it has to where there are hooks; else it runs when this returns.</param>
    /// <returns>What is remembered of it, and the process's pidfd.</returns>
    internal (ContainerRecord Record, Fd PidFd) Make(ProcessTerminal terminal, bool hold)
    {
        _state.Reserve(request.Id);
        Cgroup? cgroup = null;
        try
        {
            // 1. What is there before the process.
            _state.SaveSpec(request.Id, request.Document);
            var linux = request.Spec.Linux;
            if (!global.CgroupsDisabled)
                cgroup = CgroupHost.Detect().Create(CgroupPath(linux?.CgroupsPath), linux?.Resources);
            using var gate = hold ? _state.MakeGate(request.Id) : null;

            // 2. The process. One that nothing is waited for is made in the cheaper way.
            var resources = new ContainerResources
            {
                Bundle = request.Bundle,
                Cgroup = cgroup,
                Streams = terminal.Streams,
                TerminalMount = terminal.Folder,
                NoPivot = request.NoPivot,
                KeepKeyring = request.KeepKeyring,
                PreservedDescriptors = request.PreservedDescriptors,
            };
            var result = gate is null ? Spawn(resources) : SpawnHeld(resources, gate);

            // 3. What is known of it from now on.
            var record = new ContainerRecord
            {
                Id = request.Id,
                Bundle = request.Bundle,
                Rootfs = Rootfs,
                Pid = result.Pid,
                StartTicks = PidFd.StartTicks(result.Pid) ?? 0,
                CgroupPath = cgroup?.Path,
                Created = DateTimeOffset.UtcNow,
            };
            _state.Save(record);
            if (request.PidFile is { } pidFile)
                AtomicFile.Write(Path.GetFullPath(pidFile), System.Text.Encoding.ASCII.GetBytes(record.Pid.ToString(CultureInfo.InvariantCulture)),
                    sync: false);
            return (record, result.PidFd);
        }
        catch
        {
            cgroup?.KillAll();
            cgroup?.Delete();
            _state.Delete(request.Id);
            throw;
        }
    }

    private string Rootfs => Path.GetFullPath(request.Spec.Root?.Path ?? "", request.Bundle);

    /// <summary>Directly below the root, so that nothing is left behind when the container is deleted.</summary>
    private string CgroupPath(string? configured) =>
        configured is not { Length: > 0 } ? $"/gantry-runtime-{request.Id}" : configured[0] == '/' ? configured : "/" + configured;

    private (int Pid, Fd PidFd) Spawn(ContainerResources resources)
    {
        using var launch = ContainerProgram.Compile(request.Spec, resources);
        return Check(spawner.Spawn(launch.Program, launch.DescriptorNumbers), launch);
    }

    private (int Pid, Fd PidFd) SpawnHeld(ContainerResources resources, Fd gate)
    {
        using var pivot = _hooks.WaitsBeforePivot ? new HeldPoint() : null;
        using var execute = new HeldPoint(gate);
        using var launch = ContainerProgram.Compile(request.Spec, resources with { BeforePivot = pivot?.Gate, BeforeExecute = execute.Gate });
        var held = spawner.SpawnHeld(launch.Program, launch.DescriptorNumbers);
        pivot?.CloseChildsEnds();
        execute.CloseChildsEnds();
        if (pivot is not null)
        {
            if (pivot.WaitForChild() is null)
                return Check(held.Conclude(), launch);
            RunHooks(held, pivot);
        }
        return execute.WaitForChild() is not null ? (held.Pid, held.PidFd) : Check(held.Conclude(), launch);
    }

    private void RunHooks(HeldProcess held, HeldPoint point)
    {
        try
        {
            _hooks.Creating(held.Pid, held.PidFd, Rootfs);
            point.LetGo();
        }
        catch (GantryException)
        {
            const int SIGKILL = 9;
            PidFd.SendSignal(held.PidFd, SIGKILL);
            ProcessExitStatus.Wait(held.PidFd);
            throw;
        }
    }

    private static (int Pid, Fd PidFd) Check(SpawnResult result, ContainerLaunch launch) =>
        result.FailedOperation < 0 ? (result.Pid, result.PidFd!) : throw result.ToException(launch.Program);
}
