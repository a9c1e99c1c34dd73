using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os.Processes;
using Gantry.Runtime.Create;
using Gantry.Runtime.Stages;
using Gantry.Runtime.Rootfs;

namespace Gantry.Runtime.Exec;

/// <summary>Compiles a process that is executed in a running container.</summary>
public static class ExecProgram
{
    /// <summary>Compiles the process.</summary>
    /// <param name="spec">The container's configuration: its namespaces, filter and personality.</param>
    /// <param name="process">The process.</param>
    /// <param name="resources">What is open already.</param>
    /// <returns>The launch; to be disposed once it was spawned.</returns>
    /// <exception cref="GantryException">The process is not valid, or asks for what is not supported.</exception>
    /// <exception cref="Gantry.Os.OsException">Something it names cannot be opened.</exception>
    public static ContainerLaunch Compile(RuntimeSpec spec, ProcessSpec process, ExecResources resources)
    {
        using var writer = new ProgramWriter();
        var paths = new PathSteps(writer);
        var builder = writer.Builder;
        var init = writer.Use(resources.Init);

        // 1. On the host.
        AffinitySteps.Write(builder, process.ExecCPUAffinity?.Initial);
        NamespaceSteps.EnterCgroup(writer, resources.Cgroup, makeNamespace: false);
        AffinitySteps.Write(builder, process.ExecCPUAffinity?.Final);
        StreamSteps.PutInPlace(writer, resources.Streams, process.User?.Uid ?? 0);
        HostProcSteps.AdjustOomScore(builder, process.OomScoreAdj);
        StreamSteps.JoinKeyring(builder);

        // 2. Into the container. Joining its mount namespace makes its root the root and the working directory (setns(2)).
        builder.Call("join the container's namespaces", SystemCall.Setns, init, Joined(spec));
        builder.Call("open /", SystemCall.Openat, PathSteps.AT_FDCWD, builder.Text("/"), PathSteps.O_PATH | PathSteps.O_DIRECTORY | PathSteps.O_CLOEXEC)
            .Into(ProgramWriter.Root);

        // 3. The process, which is born confined: in the container there may be who traces it.
        new ProcessSteps(writer, paths, process, spec.Linux)
        {
            File = resources.File,
            Filter = resources.SeccompFilter,
            PreservedDescriptors = resources.PreservedDescriptors,
            IsBornLast = true,
            HasTerminal = resources.Streams.Terminal is not null,
            FindHome = user => resources.Root is { } root ? HomeFolder.Find(root, user) : "/",
        }.Write();
        return writer.Finish();
    }

    /// <summary>Namespaces that the container shares with the host are joined as well: that changes nothing.</summary>
    private static ulong Joined(RuntimeSpec spec)
    {
        ulong flags = NamespaceSteps.CLONE_NEWPID | NamespaceSteps.CLONE_NEWNS | NamespaceSteps.CLONE_NEWNET | NamespaceSteps.CLONE_NEWIPC
            | NamespaceSteps.CLONE_NEWUTS;
        if (spec.Linux?.Namespaces?.Any(entry => entry.Type == "cgroup") == true)
            flags |= NamespaceSteps.CLONE_NEWCGROUP;
        return flags;
    }
}
