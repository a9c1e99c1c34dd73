using Gantry.Engine.Spec;
using Gantry.Oci;
using Gantry.Oci.Runtime;

namespace Gantry.Engine.Devices;

/// <summary>What a container gets with the devices that it asks for by name.</summary>
/// <param name="Env">Variables, which count more than those of the same name that it has.</param>
/// <param name="Nodes">Device nodes.</param>
/// <param name="Rules">What its cgroup may use.</param>
/// <param name="Mounts">Mounts.</param>
/// <param name="Groups">Groups of its first process.</param>
/// <param name="Hooks">Programs that are run for it; null: none.</param>
internal sealed record DeviceEdits(
    IReadOnlyList<string> Env, IReadOnlyList<DeviceSpec> Nodes, IReadOnlyList<DeviceRule> Rules, IReadOnlyList<MountSpec> Mounts, IReadOnlyList<uint> Groups,
    HooksSpec? Hooks)
{
    /// <summary>Nothing.</summary>
    public static DeviceEdits None { get; } = new([], [], [], [], [], null);

    /// <summary>Puts together what several descriptions say.</summary>
    /// <param name="edits">What they say.</param>
    /// <param name="names">The devices, for messages.</param>
    /// <exception cref="GantryException">A device is not there (InvalidArgument), or something is not done (NotImplemented).</exception>
    public static DeviceEdits Of(IReadOnlyList<CdiEdits> edits, IReadOnlyList<string> names)
    {
        if (edits.Select(static edit => edit.IntelRdt).FirstOrDefault(static rdt => rdt is not null) is { } rdt)
            throw Refused(names,
                $"intelRdt (class \"{rdt.ClassId}\"): Gantry puts no container into a class of caches and memory bandwidth; leave it out of the description");
        if (edits.SelectMany(static edit => edit.NetDevices ?? []).FirstOrDefault() is { } device)
            throw Refused(names, $"the network interface {device.HostName}");
        var nodes = edits.SelectMany(static edit => edit.Nodes ?? []).Select(Node).ToList();
        return new DeviceEdits(
            [.. edits.SelectMany(static edit => edit.Env ?? [])],
            [.. nodes.Select(static node => node.Spec)],
            [.. nodes.Select(static node => node.Rule)],
            [.. edits.SelectMany(static edit => edit.Mounts ?? []).Select(Mount)],
            [.. edits.SelectMany(static edit => edit.Groups ?? []).Where(static group => group != 0).Distinct()],
            Arrange([.. edits.SelectMany(static edit => edit.Hooks ?? [])]));
    }

    private static HooksSpec? Arrange(IReadOnlyList<CdiHook> hooks)
    {
        if (hooks.Count == 0)
            return null;
        var byName = hooks.ToLookup(
            static hook => hook.Name, static hook => new HookSpec { Path = hook.Path, Args = hook.Args, Env = hook.Env, Timeout = hook.Timeout });
        return new HooksSpec
        {
            Prestart = Named("prestart"),
            CreateRuntime = Named("createRuntime"),
            CreateContainer = Named("createContainer"),
            StartContainer = Named("startContainer"),
            Poststart = Named("poststart"),
            Poststop = Named("poststop"),
        };

        IReadOnlyList<HookSpec>? Named(string name) => byName.Contains(name) ? [.. byName[name]] : null;
    }

    private static (DeviceSpec Spec, DeviceRule Rule) Node(CdiNode node)
    {
        var source = node.HostPath.Length > 0 ? node.HostPath : node.Path;
        var host = node is { Type.Length: > 0, Major: not null, Minor: not null }
            ? new HostDevice(source, node.Type, node.Major.Value, node.Minor.Value, node.Mode ?? 0x1b6 /* 0666 */, 0, 0)
            : HostDevice.Read(source) ?? throw GantryException.Invalid($"CDI device injection failed: {source} is no device node of this host");
        var spec = host.At(node.Path);
        return (
            spec with { FileMode = node.Mode ?? spec.FileMode, Uid = node.Uid ?? spec.Uid, Gid = node.Gid ?? spec.Gid },
            host.Allow(node.Permissions.Length > 0 ? node.Permissions : "rwm"));
    }

    private static MountSpec Mount(CdiMount mount)
    {
        var options = mount.Options ?? [];
        var isBind = mount.Type is "" or "bind" || options.Any(static option => option is "bind" or "rbind");
        return new MountSpec
        {
            Destination = mount.ContainerPath,
            Type = isBind ? "bind" : mount.Type,
            Source = mount.HostPath,
            Options = isBind && !options.Any(static option => option is "bind" or "rbind") ? ["rbind", .. options] : options,
        };
    }

    private static GantryException Refused(IReadOnlyList<string> names, string what) =>
        GantryException.NotImplemented($"CDI device injection failed: the description of {string.Join(", ", names)} has {what}");
}
