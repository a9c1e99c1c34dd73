namespace Gantry.Oci.Runtime.Reading;

/// <summary>Reads the configuration of a container: one method for each type of the model, of the same name.</summary>
internal static class RuntimeSpecMembers
{
    internal static RuntimeSpec RuntimeSpec(JsonMembers of) => new()
    {
        OciVersion = of.Text("ociVersion"),
        Process = of.Object("process", ProcessSpecMembers.ProcessSpec),
        Root = of.Object("root", RootSpec),
        Hostname = of.Text("hostname"),
        Domainname = of.Text("domainname"),
        Mounts = of.Objects("mounts", MountSpec),
        Hooks = of.Object("hooks", HooksSpec),
        Annotations = of.TextMap("annotations"),
        Linux = of.Object("linux", LinuxSpecMembers.LinuxSpec),
    };

    internal static RootSpec RootSpec(JsonMembers of) => new()
    {
        Path = of.Text("path") ?? "",
        Readonly = of.Flag("readonly") ?? false,
    };

    internal static MountSpec MountSpec(JsonMembers of) => new()
    {
        Destination = of.Text("destination") ?? "",
        Type = of.Text("type"),
        Source = of.Text("source"),
        Options = of.Texts("options"),
        UidMappings = of.Objects("uidMappings", IdMapping),
        GidMappings = of.Objects("gidMappings", IdMapping),
    };

    internal static IdMapping IdMapping(JsonMembers of) =>
        new(of.UInt32("containerID") ?? 0, of.UInt32("hostID") ?? 0, of.UInt32("size") ?? 0);

    internal static HooksSpec HooksSpec(JsonMembers of) => new()
    {
        Prestart = of.Objects("prestart", HookSpec),
        CreateRuntime = of.Objects("createRuntime", HookSpec),
        CreateContainer = of.Objects("createContainer", HookSpec),
        StartContainer = of.Objects("startContainer", HookSpec),
        Poststart = of.Objects("poststart", HookSpec),
        Poststop = of.Objects("poststop", HookSpec),
    };

    internal static HookSpec HookSpec(JsonMembers of) => new()
    {
        Path = of.Text("path") ?? "",
        Args = of.Texts("args"),
        Env = of.Texts("env"),
        Timeout = of.Int32("timeout"),
    };
}
