using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os;
using Gantry.Os.Files;
using Gantry.Os.Processes;
using Gantry.Runtime.Cgroups;

namespace Gantry.Runtime.Create;

/// <summary>Namespaces: which are made by the clone, which are joined, and what is set up in new ones.</summary>
internal static class NamespaceSteps
{
    internal const ulong CLONE_NEWNS = 0x20000, CLONE_NEWCGROUP = 0x2000000, CLONE_NEWUTS = 0x4000000, CLONE_NEWIPC = 0x8000000,
        CLONE_NEWUSER = 0x10000000, CLONE_NEWPID = 0x20000000, CLONE_NEWNET = 0x40000000;

    /// <summary>Names of the types that are supported, for <c>features</c>.</summary>
    internal static readonly string[] Supported = ["cgroup", "ipc", "mount", "network", "pid", "uts"];

    /// <summary>Has the clone make the new ones, except the cgroup namespace, and joins the others.</summary>
    /// <param name="writer">Where the steps go.</param>
    /// <param name="namespaces">The configuration's namespaces.</param>
    /// <param name="network">A network namespace that is there already, in the place of a new one.</param>
    /// <exception cref="GantryException">A type is unknown or not supported.</exception>
    /// <remarks>A pid namespace is joined by children only: somebody has to call <see cref="ProcessProgramBuilder.GiveBirth"/> then.</remarks>
    internal static void Enter(ProgramWriter writer, IReadOnlyList<NamespaceSpec> namespaces, Fd? network)
    {
        var builder = writer.Builder;
        foreach (var entry in namespaces)
        {
            var flag = Flag(entry.Type);
            if (string.IsNullOrEmpty(entry.Path) && flag == CLONE_NEWNET && network is not null)
            {
                builder.Call("join the container's network namespace", SystemCall.Setns, writer.Use(network), flag);
                continue;
            }
            if (string.IsNullOrEmpty(entry.Path))
            {
                // A cgroup namespace shows the cgroup its process is in when it is made: that is joined first.
                if (flag != CLONE_NEWCGROUP)
                    builder.CloneFlags |= flag;
                continue;
            }
            var descriptor = writer.Own(FileOpener.Open(entry.Path, OpenFlags.ReadOnly));
            if (flag == CLONE_NEWNS)
                throw GantryException.NotImplemented("joining an existing mount namespace is not supported");
            else
                builder.Call($"join the {entry.Type} namespace {entry.Path}", SystemCall.Setns, descriptor, flag);
        }
        if ((builder.CloneFlags & CLONE_NEWNS) == 0)
            throw GantryException.NotImplemented("a container without a mount namespace of its own is not supported");
    }

    /// <summary>Joins the cgroup, then makes its namespace.</summary>
    /// <remarks>
    /// Version 1: the child itself writes 0 to <c>tasks</c>. A write of its number to <c>cgroup.procs</c> from outside waits for a grace
    /// period of the kernel, 8 to 17 ms.
    /// </remarks>
    internal static void EnterCgroup(ProgramWriter writer, Cgroup? cgroup, bool makeNamespace)
    {
        var builder = writer.Builder;
        if (cgroup?.OpenDirectory() is { } directory)
            builder.Cgroup = writer.Own(directory);
        var zero = builder.Text("0");
        foreach (var tasks in cgroup?.OpenTasks() ?? [])
            builder.Call("join the cgroup", SystemCall.Write, writer.Own(tasks), zero, 1);
        if (makeNamespace)
            builder.Call("make a cgroup namespace", SystemCall.Unshare, CLONE_NEWCGROUP);
    }

    /// <summary>Names the host, and sets up the loopback interface of a new network namespace.</summary>
    internal static void Configure(ProgramWriter writer, RuntimeSpec spec)
    {
        var builder = writer.Builder;
        var hasUts = spec.Linux?.Namespaces?.Any(entry => entry.Type == "uts") == true;
        SetName(builder, hasUts, spec.Hostname, "hostname", SystemCall.Sethostname);
        SetName(builder, hasUts, spec.Domainname, "domainname", SystemCall.Setdomainname);
        if ((builder.CloneFlags & CLONE_NEWNET) != 0)
            StartLoopback(writer);
    }

    private static void SetName(ProcessProgramBuilder builder, bool hasUts, string? name, string what, SystemCall call)
    {
        if (string.IsNullOrEmpty(name))
            return;
        if (!hasUts)
            throw GantryException.Invalid($"unable to set {what} without a private UTS namespace");
        builder.Call($"set {what} {name}", call, builder.Text(name), System.Text.Encoding.UTF8.GetByteCount(name));
    }

    /// <summary>SIOCSIFFLAGS on any socket of the namespace (netdevice(7)): cheaper than a netlink socket.</summary>
    private static void StartLoopback(ProgramWriter writer)
    {
        const long AF_INET = 2, SOCK_DGRAM_CLOEXEC = 0x80002, SIOCSIFFLAGS = 0x8914;
        const byte IFF_UP_RUNNING = 0x41;
        const string stage = "bring up the loopback interface";
        var request = new byte[40];
        "lo"u8.CopyTo(request);
        request[16] = IFF_UP_RUNNING;
        var builder = writer.Builder;
        builder.Call(stage, SystemCall.Socket, AF_INET, SOCK_DGRAM_CLOEXEC, 0).Into(ProgramWriter.Socket);
        builder.Call(stage, SystemCall.Ioctl, ProgramWriter.Socket, SIOCSIFFLAGS, builder.Bytes(request));
        builder.Call(stage, SystemCall.Close, ProgramWriter.Socket);
    }

    private static ulong Flag(string type) => type switch
    {
        "pid" => CLONE_NEWPID,
        "network" => CLONE_NEWNET,
        "ipc" => CLONE_NEWIPC,
        "mount" => CLONE_NEWNS,
        "uts" => CLONE_NEWUTS,
        "cgroup" => CLONE_NEWCGROUP,
        "user" or "time" => throw GantryException.NotImplemented($"{type} namespaces are not supported"),
        _ => throw GantryException.Invalid($"namespace type \"{type}\" is not known"),
    };
}
