using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os.Files;
using Gantry.Os.Mounts;
using Gantry.Os.Processes;
using Gantry.Runtime.Stages;
using Gantry.Runtime.Rootfs;

namespace Gantry.Runtime.Create;

/// <summary>Compiles a container: its configuration and what it is made of become the program of its first process.</summary>
public static class ContainerProgram
{
    /// <summary>Compiles a container.</summary>
    /// <param name="spec">The configuration.</param>
    /// <param name="resources">What is open already.</param>
    /// <returns>The launch; to be disposed once it was spawned.</returns>
    /// <exception cref="GantryException">The configuration is not valid, or asks for what is not supported.</exception>
    /// <exception cref="Gantry.Os.OsException">Something it names cannot be opened.</exception>
    public static ContainerLaunch Compile(RuntimeSpec spec, ContainerResources resources)
    {
        var process = spec.Process ?? throw GantryException.Invalid("process is missing in the configuration");
        var namespaces = spec.Linux?.Namespaces ?? [];
        RefuseUnsupported(spec);
        using var writer = new ProgramWriter();
        var paths = new PathSteps(writer);
        var builder = writer.Builder;

        // 1. On the host: namespaces, cgroup, streams, and what is written through the host's /proc.
        NamespaceSteps.Enter(writer, namespaces, resources.NetworkNamespace);
        NamespaceSteps.EnterCgroup(writer, resources.Cgroup, namespaces.Any(entry => entry.Type == "cgroup" && string.IsNullOrEmpty(entry.Path)));
        // Into a pid namespace of others the process comes when it is confined; but one that hooks and `start` wait for has to be there before.
        var joinsOthers = namespaces.Any(entry => entry.Type == "pid" && !string.IsNullOrEmpty(entry.Path));
        var isHeld = resources.BeforePivot is not null || resources.BeforeExecute is not null;
        if (joinsOthers && isHeld)
            builder.GiveBirth(isHeld: !resources.SpawnOutlastsGates);
        StreamSteps.PutInPlace(writer, resources.Streams, process.User?.Uid ?? 0);
        if (!joinsOthers || isHeld)
            StreamSteps.MakeSession(builder, resources.Streams.Terminal is not null);
        HostProcSteps.AdjustOomScore(builder, process.OomScoreAdj);
        NamespaceSteps.Configure(writer, spec);
        HostProcSteps.SetParameters(builder, spec);
        if (!resources.KeepKeyring)
            StreamSteps.JoinKeyring(builder);

        // 2. The root filesystem becomes the root, and is furnished: in this order, as no path leads back to the host then, unless hooks have to
        // reach both. Modes are given as they are meant.
        var root = new RootSteps(writer, spec, resources);
        builder.Call("clear the umask", SystemCall.Umask, 0);
        root.Attach();
        if (resources.BeforePivot is null)
            root.Pivot();
        new MountSteps(writer, paths, root.Mount, spec, resources).Write();
        var devices = new DeviceSteps(writer, paths, spec);
        devices.Write();
        if (resources.BeforePivot is { } gate)
        {
            ProcessSteps.Wait(writer, gate);
            root.Pivot();
        }
        if (resources.Streams.Terminal is { } terminal)
            devices.WriteConsole(resources.TerminalMount is null ? writer.Own(DetachedMount.Clone(terminal, [])) : null);
        new HiddenPathSteps(writer, paths, spec).Write();
        builder.Call("enter /", SystemCall.Chdir, builder.Text("/"));
        if (ContainerPath.Normalize(process.Cwd) is { Length: > 0 } directory)
            paths.OpenOrMake($"make the working directory {process.Cwd}", directory, directory: true);
        root.Seal();

        // 3. The process.
        new ProcessSteps(writer, paths, process, spec.Linux)
        {
            Filter = resources.SeccompFilter,
            Gate = resources.BeforeExecute,
            PreservedDescriptors = resources.PreservedDescriptors,
            IsBornLast = joinsOthers && !isHeld,
            HasTerminal = resources.Streams.Terminal is not null,
            FindHome = user => HomeFolder.Find(root.Mount, user),
        }.Write();
        return writer.Finish();
    }

    private static void RefuseUnsupported(RuntimeSpec spec)
    {
        if (spec.Linux is not { } linux)
            throw GantryException.Invalid("linux is missing in the configuration");
        if (linux.MountLabel is { Length: > 0 })
            throw GantryException.NotImplemented("linux.mountLabel is not supported");
        if (linux.IntelRdt is not null)
            throw GantryException.NotImplemented("linux.intelRdt is not supported");
        if (linux.MemoryPolicy is not null)
            throw GantryException.NotImplemented("linux.memoryPolicy is not supported");
        if (linux.NetDevices is { Count: > 0 })
            throw GantryException.NotImplemented("linux.netDevices is not supported");
        if (linux.TimeOffsets is { Count: > 0 })
            throw GantryException.NotImplemented("linux.timeOffsets is not supported");
        if (linux.UidMappings is { Count: > 0 } || linux.GidMappings is { Count: > 0 })
            throw GantryException.NotImplemented("user namespaces are not supported");
    }
}
