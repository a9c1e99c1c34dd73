using System.Globalization;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Pipes;
using Gantry.Os.Processes;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Cli.CommandLine;
using Gantry.Runtime.Create;
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
                Rootfs = Path.GetFullPath(request.Spec.Root?.Path ?? "", request.Bundle),
                Pid = result.Pid,
                StartTicks = PidFd.StartTicks(result.Pid) ?? 0,
                CgroupPath = cgroup?.Path,
                Created = DateTimeOffset.UtcNow,
            };
            _state.Save(record);
            if (request.PidFile is { } pidFile)
                AtomicFile.Write(Path.GetFullPath(pidFile), System.Text.Encoding.ASCII.GetBytes(record.Pid.ToString(CultureInfo.InvariantCulture)), sync: false);
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

    private bool HasRootfsHooks => request.Spec.Hooks is { } hooks
        && (hooks.Prestart is { Count: > 0 } || hooks.CreateRuntime is { Count: > 0 } || hooks.CreateContainer is { Count: > 0 });

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
        using var rootfs = HasRootfsHooks ? new HeldPoint() : null;
        using var execute = new HeldPoint(gate);
        using var launch = ContainerProgram.Compile(request.Spec, resources with { BeforeRootfs = rootfs?.Gate, BeforeExecute = execute.Gate });
        var held = spawner.SpawnHeld(launch.Program, launch.DescriptorNumbers);
        rootfs?.CloseChildsEnds();
        execute.CloseChildsEnds();
        if (rootfs is not null)
        {
            if (!rootfs.WaitForChild())
                return Check(held.Conclude(), launch);
            RunRootfsHooks(held, rootfs);
        }
        return execute.WaitForChild() ? (held.Pid, held.PidFd) : Check(held.Conclude(), launch);
    }

    private void RunRootfsHooks(HeldProcess held, HeldPoint point)
    {
        try
        {
            var hooks = request.Spec.Hooks!;
            _hooks.Run("prestart", hooks.Prestart, "creating", held.Pid);
            _hooks.Run("createRuntime", hooks.CreateRuntime, "creating", held.Pid);
            _hooks.Run("createContainer", hooks.CreateContainer, "creating", held.Pid, held.PidFd);
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

    /// <summary>This process's side of a point at which the child waits.</summary>
    private sealed class HeldPoint : IDisposable
    {
        private readonly Pipe _arrived = Pipe.Create();
        private readonly Pipe? _go;

        internal HeldPoint() => Gate = new Gate(_arrived.Writer, (_go = Pipe.Create()).Value.Reader);

        internal HeldPoint(Fd go) => Gate = new Gate(_arrived.Writer, go);

        internal Gate Gate { get; }

        internal void CloseChildsEnds()
        {
            _arrived.Writer.Dispose();
            _go?.Reader.Dispose();
        }

        /// <summary>False: the child ended instead.</summary>
        internal bool WaitForChild()
        {
            Span<byte> one = stackalloc byte[1];
            return FileData.Read(_arrived.Reader, one) == 1;
        }

        internal void LetGo() => FileData.Write(_go!.Value.Writer, "1"u8);

        public void Dispose()
        {
            CloseChildsEnds();
            _arrived.Reader.Dispose();
            _go?.Writer.Dispose();
        }
    }
}
