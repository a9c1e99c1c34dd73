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
internal sealed record DeviceEdits(
    IReadOnlyList<string> Env, IReadOnlyList<DeviceSpec> Nodes, IReadOnlyList<DeviceRule> Rules, IReadOnlyList<MountSpec> Mounts, IReadOnlyList<uint> Groups)
{
    /// <summary>Nothing.</summary>
    public static DeviceEdits None { get; } = new([], [], [], [], []);

    /// <summary>Puts together what several descriptions say.</summary>
    /// <param name="edits">What they say.</param>
    /// <param name="names">The devices, for messages.</param>
    /// <exception cref="GantryException">A device is not there (InvalidArgument), or something is not done (NotImplemented).</exception>
    public static DeviceEdits Of(IReadOnlyList<CdiEdits> edits, IReadOnlyList<string> names)
    {
        if (edits.SelectMany(static edit => edit.Hooks ?? []).FirstOrDefault() is { } hook)
            throw Refused(names, $"the hook {hook.Path}: Gantry runs no programs of the host for a container; mount what it would make, or leave it out of the description");
        if (edits.SelectMany(static edit => edit.NetDevices ?? []).FirstOrDefault() is { } device)
            throw Refused(names, $"the network interface {device.HostName}");
        var nodes = edits.SelectMany(static edit => edit.Nodes ?? []).Select(Node).ToList();
        return new DeviceEdits(
            [.. edits.SelectMany(static edit => edit.Env ?? [])],
            [.. nodes.Select(static node => node.Spec)],
            [.. nodes.Select(static node => node.Rule)],
            [.. edits.SelectMany(static edit => edit.Mounts ?? []).Select(Mount)],
            [.. edits.SelectMany(static edit => edit.Groups ?? []).Where(static group => group != 0).Distinct()]);
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
