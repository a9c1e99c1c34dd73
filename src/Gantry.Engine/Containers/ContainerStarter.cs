using System.Diagnostics;
using Gantry.Engine.Attach;
using Gantry.Engine.Health;
using Gantry.Engine.Hooks;
using Gantry.Engine.Information;
using Gantry.Engine.Logs;
using Gantry.Engine.Mounts;
using Gantry.Engine.Networks;
using Gantry.Engine.Spec;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.Create;
using Gantry.Runtime.Hooks;
using Gantry.Runtime.Keeper;
using Gantry.Runtime.Rootfs;

namespace Gantry.Engine.Containers;

/// <summary>Starts a container's process.</summary>
public sealed class ContainerStarter
{
    private readonly ContainerStartParts _parts;
    private readonly ContainerRemover _remover;
    private readonly ContainerFolder _folder;
    private readonly ContainerEvents _events;
    private readonly ContainerWatches _watches;
    private readonly ActionTimes _times;

    internal ContainerStarter(ContainerStartParts parts, ContainerRemover remover, ContainerFolder folder, ContainerEvents events, ContainerWatches watches,
        ActionTimes times)
    {
        _times = times;
        _watches = watches;
        _parts = parts;
        _remover = remover;
        _folder = folder;
        _events = events;
    }

    /// <summary>Starts the process. When this returns it has been executed.</summary>
    /// <exception cref="GantryException">
    /// It runs already (NotModified), is paused or being removed (Conflict), or its program cannot be executed (InvalidArgument): that text
    /// says <c>executable file not found</c> or <c>permission denied</c>, from which clients make the exit codes 127 and 126.
    /// </exception>
    public async Task StartAsync(Container container, CancellationToken cancellation)
    {
        try
        {
            await StartOnceAsync(container, cancellation);
        }
        catch (GantryException e) when (container.HostConfig.AutoRemove && e.Kind is not ErrorKind.NotModified && !container.State.IsRunning)
        {
            // Nobody else will: it has no end to be removed after, and its client waits for the removal.
            await _remover.RemoveAfterExitAsync(container);
            throw;
        }
    }

    private async Task StartOnceAsync(Container container, CancellationToken cancellation)
    {
        using var gate = await ContainerGate.EnterAsync(container, cancellation);
        switch (container.State.Status)
        {
            case ContainerStatus.Running:
                throw new GantryException(ErrorKind.NotModified, $"container {container.Name} is already running");
            case ContainerStatus.Paused:
                throw GantryException.Conflict("cannot start a paused container, try unpause instead");
            case ContainerStatus.Removing or ContainerStatus.Dead:
                throw GantryException.Conflict("container is marked for removal and cannot be started");
        }

        await StartHeldAsync(container, restartCount: 0);
    }

    /// <summary>Starts the process of a container whose gate the caller holds.</summary>
    internal async Task StartHeldAsync(Container container, int restartCount)
    {
        var begun = Stopwatch.GetTimestamp();
        try
        {
            container.Run = await LaunchAsync(container);
        }
        catch (Exception e)
        {
            var failure = StartFailure.From(container, e);
            container.State = container.State with { Status = Failed(container), ExitCode = failure.ExitCode, Error = failure.Error.Message, Pid = 0 };
            _folder.WriteState(container);
            DropWaitingClients(container);
            throw failure.Error;
        }

        container.State = new ContainerState
        {
            Status = ContainerStatus.Running,
            Pid = container.Run.Process.Pid,
            StartedAt = container.Run.Process.StartedAt,
            RestartCount = restartCount,
            FinishedAt = container.State.FinishedAt,
            Health = HealthStates.AtStart(container.Config, container.State.Health),
        };
        _folder.WriteState(container);
        _parts.Volumes.Began(container);
        _events.Publish(container, "start");
        _times.Took("start", begun);
        _watches.Begin(container);
    }

    private async Task<ContainerRun> LaunchAsync(Container container)
    {
        var cgroupPath = _parts.CgroupPath(container);
        Fd? root = null;
        Cgroup? cgroup = null;
        MountSources? sources = null;
        HookRunner? hooks = null;
        // 1. Its networks: a namespace and what connects it are made meanwhile.
        await using var network = _parts.Networks.Begin(container);
        try
        {
            // 2. The root filesystem, as a mount that no namespace shows yet.
            root = await OpenRootAsync(container);

            // 3. What is mounted into it, as descriptors.
            var files = new RootFiles(root);
            sources = await _parts.Mounts.OpenAsync(container, files.ReadText);

            // What the process shall be; users and groups are looked up in that root.
            _parts.EtcFiles.Assign(container);
            var spec = _parts.Spec.Build(container, files.ReadText, cgroupPath);
            spec = spec with { Mounts = sources.Complete(spec.Mounts!) };

            // 4. The limits, before there is anything to limit.
            cgroup = _parts.Cgroups.Create(cgroupPath, spec.Linux!.Resources);

            // 5. A place for the keeper's records, and the files that are mounted from there.
            Directory.CreateDirectory(container.ProcessFolder);
            var connected = await network.ReadyAsync();
            EndpointRecord.Write(container, connected.Endpoints);
            _parts.EtcFiles.Write(container, connected.Endpoints, connected.AsksHelper);

            // 6. The keeper clones and holds it. Whoever attached before gets its output from the first byte.
            using var terminals = container.Config.Tty ? ContainerTerminals.Mount(spec) : null;
            hooks = _parts.Hooks.For(container, spec);
            using var held = hooks is null ? null : _parts.Hooks.Hold(hooks, cgroup);
            var spawn = _parts.Keeper.SpawnAsync(Request(container, spec, root, cgroup, terminals, connected.Namespace, sources, held), CancellationToken.None);
            var process = held is null ? await spawn : await held.CompleteAsync(spawn);
            await network.KeepAsync();
            return new ContainerRun(process, cgroup, root, sources.TakeVolumes(), hooks);
        }
        catch
        {
            if (cgroup is not null)
                Empty(cgroup);
            await _parts.Hooks.StoppedAsync(container, hooks);
            if (_parts.Keeper.Find(container.Id) is { Exit: not null })
                await _parts.Keeper.ForgetAsync(container.Id);
            root?.Dispose();
            ProcessRecords.Remove(_parts.Paths, container.Id);
            throw;
        }
        finally
        {
            sources?.Dispose();
        }
    }

    /// <summary>
    /// Layers are a cache: after a power cut some may be missing. The writable layer is not synced when a container is created: if it is missing, nothing was
    /// in it that anybody was told to be on the disk. While all are there the image may be gone: it was removed by force.
    /// </summary>
    private async Task<Fd> OpenRootAsync(Container container)
    {
        var image = _parts.Images.Find(Digest.Parse(container.ImageId));
        if (image is not null)
            _parts.Images.Use.Touch(image.Id);
        if (!_parts.Snapshots.Exists(container.Id))
        {
            var layers = await _parts.Unpacker.EnsureUnpackedAsync(image ?? _parts.Images.Resolve(container.ImageId), CancellationToken.None);
            if (_parts.Snapshots.Find(container.Id) is null)
                _parts.Snapshots.Prepare(container.Id, layers);
        }
        return _parts.Snapshots.OpenMount(container.Id, readOnly: false);
    }

    /// <summary>
    /// Ends what may run in the cgroup of a start that failed: a keeper that died meanwhile did not say how far it had come. Its child may be on
    /// its way into the cgroup still; when that is gone it fails.
    /// </summary>
    private static void Empty(Cgroup cgroup)
    {
        cgroup.KillAll();
        try
        {
            cgroup.Delete();
        }
        catch (OsException e) when (e.Errno == Errno.EBUSY)
        {
            cgroup.KillAll();
            cgroup.Delete();
        }
    }

    private SpawnRequest Request(
        Container container, RuntimeSpec spec, Fd root, Cgroup cgroup, Fd? terminals, Fd? networkNamespace, MountSources sources,
        HeldStart? held) => new()
    {
        Id = container.Id,
        StateFolder = _parts.Paths.ProcessState(container.Id),
        Stdio = new StdioRequest
        {
            Terminal = container.Config.Tty,
            OpenStdin = container.Config.OpenStdin,
            StdinOnce = container.Config.StdinOnce,
            Size = TerminalSize.OfPair(container.HostConfig.ConsoleSize),
        },
        Terminals = terminals,
        Log = LogOptions.For(container, _parts.LogBudget),
        Attached = TakeWaitingClients(container),
        Compile = stdio =>
        {
            var resources = new ContainerResources
            {
                RootMount = root,
                MountPoint = _parts.Paths.RootMountPoint,
                Cgroup = cgroup,
                Streams = stdio,
                TerminalMount = terminals,
                NetworkNamespace = networkNamespace,
                BindSources = sources.Descriptors(spec.Mounts!),
                SeccompFilter = _parts.Spec.Filter(container).Program,
            };
            return ContainerProgram.Compile(spec, held?.Hold(resources) ?? resources);
        },
    };

    private static List<AttachEnd> TakeWaitingClients(Container container)
    {
        lock (container.Waiting)
        {
            var ends = container.Waiting.Select(s => s.TakeKeeperEnd()).OfType<AttachEnd>().ToList();
            container.Waiting.Clear();
            return ends;
        }
    }

    private static void DropWaitingClients(Container container)
    {
        foreach (var end in TakeWaitingClients(container))
            end.Socket.Dispose();
    }

    private static ContainerStatus Failed(Container container) =>
        container.State.StartedAt is null ? ContainerStatus.Created : ContainerStatus.Exited;
}
