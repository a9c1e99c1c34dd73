using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The flags for what a container shares with the host and what its process may do.</summary>
internal sealed class NamespaceFlags(FlagSet flags)
{
    public ListFlag<string> CapAdd { get; } = flags.List("cap-add", "Add Linux capabilities");

    public ListFlag<string> CapDrop { get; } = flags.List("cap-drop", "Drop Linux capabilities");

    public ValueFlag<string> Cgroupns { get; } = flags.String("cgroupns", "Cgroup namespace (host|private); empty: as the daemon is set");

    public ValueFlag<string> Ipc { get; } = flags.String("ipc", "IPC mode");

    public ValueFlag<string> Isolation { get; } = flags.String("isolation", "Isolation technology");

    public ValueFlag<string> Pid { get; } = flags.String("pid", "PID namespace");

    public BoolFlag Privileged { get; } = flags.Bool("privileged", "Give all privileges to the container");

    public ListFlag<string> SecurityOpt { get; } = flags.List("security-opt", "Security option");

    public MapFlag Sysctl { get; } = flags.Map("sysctl", '\0', "Kernel parameter of the container's namespaces", FlagChecks.Sysctl);

    public ValueFlag<string> Userns { get; } = flags.String("userns", "User namespace");

    public ValueFlag<string> Uts { get; } = flags.String("uts", "UTS namespace");
}
