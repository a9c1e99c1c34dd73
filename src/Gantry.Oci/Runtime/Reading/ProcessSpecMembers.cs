namespace Gantry.Oci.Runtime.Reading;

/// <summary>Reads what describes a process: one method for each type of the model, of the same name.</summary>
internal static class ProcessSpecMembers
{
    internal static ProcessSpec ProcessSpec(JsonMembers of) => new()
    {
        Terminal = of.Flag("terminal") ?? false,
        ConsoleSize = of.Object("consoleSize", ConsoleSize),
        User = of.Object("user", ProcessUser),
        Args = of.Texts("args"),
        Env = of.Texts("env"),
        Cwd = of.Text("cwd") ?? "",
        Capabilities = of.Object("capabilities", CapabilitySets),
        Rlimits = of.Objects("rlimits", ResourceLimit),
        NoNewPrivileges = of.Flag("noNewPrivileges") ?? false,
        ApparmorProfile = of.Text("apparmorProfile"),
        SelinuxLabel = of.Text("selinuxLabel"),
        OomScoreAdj = of.Int32("oomScoreAdj"),
        IoPriority = of.Object("ioPriority", IoPrioritySpec),
        Scheduler = of.Object("scheduler", SchedulerSpec),
        ExecCPUAffinity = of.Object("execCPUAffinity", CpuAffinitySpec),
    };

    internal static ConsoleSize ConsoleSize(JsonMembers of) =>
        new(of.UInt32("height") ?? 0, of.UInt32("width") ?? 0);

    internal static ProcessUser ProcessUser(JsonMembers of) => new()
    {
        Uid = of.UInt32("uid") ?? 0,
        Gid = of.UInt32("gid") ?? 0,
        Umask = of.UInt32("umask"),
        AdditionalGids = of.UInt32s("additionalGids"),
        Username = of.Text("username"),
    };

    internal static CapabilitySets CapabilitySets(JsonMembers of) => new()
    {
        Bounding = of.Texts("bounding"),
        Permitted = of.Texts("permitted"),
        Effective = of.Texts("effective"),
        Inheritable = of.Texts("inheritable"),
        Ambient = of.Texts("ambient"),
    };

    internal static ResourceLimit ResourceLimit(JsonMembers of) =>
        new(of.Text("type") ?? "", of.UInt64("soft") ?? 0, of.UInt64("hard") ?? 0);

    internal static IoPrioritySpec IoPrioritySpec(JsonMembers of) =>
        new(of.Text("class") ?? "", of.Int32("priority") ?? 0);

    internal static SchedulerSpec SchedulerSpec(JsonMembers of) => new()
    {
        Policy = of.Text("policy") ?? "",
        Nice = of.Int32("nice") ?? 0,
        Priority = of.Int32("priority") ?? 0,
        Flags = of.Texts("flags"),
        Runtime = of.UInt64("runtime") ?? 0,
        Deadline = of.UInt64("deadline") ?? 0,
        Period = of.UInt64("period") ?? 0,
    };

    internal static CpuAffinitySpec CpuAffinitySpec(JsonMembers of) => new()
    {
        Initial = of.Text("initial"),
        Final = of.Text("final"),
    };
}
