namespace Gantry.Oci.Runtime.Reading;

/// <summary>Reads a filter of system calls: one method for each type of the model, of the same name.</summary>
internal static class LinuxSeccompMembers
{
    internal static LinuxSeccomp LinuxSeccomp(JsonMembers of) => new()
    {
        DefaultAction = of.Text("defaultAction") ?? "",
        DefaultErrnoRet = of.UInt32("defaultErrnoRet"),
        Architectures = of.Texts("architectures"),
        Flags = of.Texts("flags"),
        ListenerPath = of.Text("listenerPath"),
        ListenerMetadata = of.Text("listenerMetadata"),
        Syscalls = of.Objects("syscalls", SeccompRule),
    };

    internal static SeccompRule SeccompRule(JsonMembers of) => new()
    {
        Names = of.Texts("names"),
        Action = of.Text("action") ?? "",
        ErrnoRet = of.UInt32("errnoRet"),
        Args = of.Objects("args", SeccompCondition),
    };

    internal static SeccompCondition SeccompCondition(JsonMembers of) =>
        new(of.UInt32("index") ?? 0, of.UInt64("value") ?? 0, of.Text("op") ?? "", of.UInt64("valueTwo") ?? 0);
}
