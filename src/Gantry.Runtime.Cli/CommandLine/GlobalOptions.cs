using Gantry.Oci;
using Gantry.Runtime.Cgroups;
using Gantry.Runtime.State;

namespace Gantry.Runtime.Cli.CommandLine;

/// <summary>The options before the command, and what they decide.</summary>
internal sealed class GlobalOptions
{
    internal const string DefaultRoot = "/run/gantry-runtime";

    internal static readonly OptionDefinition[] Definitions =
    [
        new("root"), new("log"), new("log-format"), new("debug", false), new("systemd-cgroup", false), new("rootless"),
        new("cgroup-manager"), new("help", false, "h"), new("version", false, "v"),
    ];

    private GlobalOptions(string root, bool cgroupsDisabled) => (State, CgroupsDisabled) = (new StateFolder(root), cgroupsDisabled);

    /// <summary>The state of the containers.</summary>
    internal StateFolder State { get; }

    /// <summary>Whether containers get no cgroup of their own.</summary>
    internal bool CgroupsDisabled { get; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="GantryException">One asks for what is not supported.</exception>
    internal static GlobalOptions From(CommandOptions options)
    {
        var manager = options.Value("cgroup-manager") ?? "cgroupfs";
        if (options.Has("systemd-cgroup") || manager == "systemd")
            throw GantryException.NotImplemented("systemd cgroups are not supported: cgroups are made in the file system");
        if (manager is not ("cgroupfs" or "disabled"))
            throw GantryException.Invalid($"unknown cgroup manager: {manager}");
        if (options.Value("rootless") == "true")
            throw GantryException.NotImplemented("rootless containers are not supported");
        var root = options.Value("root") ?? DefaultRoot;
        if (root.Length == 0 || Path.GetFullPath(root) == "/")
            throw GantryException.Invalid("Option --root argument should not be set to /");
        return new GlobalOptions(Path.GetFullPath(root), manager == "disabled");
    }

    /// <summary>The cgroup of a container, if it has one.</summary>
    internal Cgroup? FindCgroup(ContainerRecord record) => record.CgroupPath is { } path ? CgroupHost.Detect().Open(path) : null;

    /// <summary>A container's status and first process.</summary>
    internal (string Status, int Pid) Status(ContainerRecord record) => State.Status(record, () => FindCgroup(record)?.IsFrozen == true);
}
