using Gantry.Oci.Runtime;
using Gantry.Os.Files;

namespace Gantry.Engine.Spec;

/// <summary>A device node of the host.</summary>
/// <param name="Path">Where it is on the host.</param>
/// <param name="Type"><c>c</c> or <c>b</c>.</param>
/// <param name="Major">Its major number.</param>
/// <param name="Minor">Its minor number.</param>
/// <param name="Mode">Its permission bits.</param>
/// <param name="Uid">Its owner.</param>
/// <param name="Gid">Its group.</param>
internal sealed record HostDevice(string Path, string Type, long Major, long Minor, uint Mode, uint Uid, uint Gid)
{
    /// <summary>The device at a path (links followed); null when there is none, or it is something else.</summary>
    public static HostDevice? Read(string path)
    {
        using var node = FileOpener.TryOpen(null, KernelPath.FromText(path), OpenFlags.Path, 0, out _);
        if (node is null || FileStatusReader.Read(node) is not { Kind: FileKind.CharacterDevice or FileKind.BlockDevice } status)
            return null;
        return new HostDevice(
            path, status.Kind == FileKind.BlockDevice ? "b" : "c", status.Target.Major, status.Target.Minor, status.Permissions,
            status.UserId, status.GroupId);
    }

    /// <summary>The same device at another path in a container.</summary>
    public DeviceSpec At(string pathInContainer) => new()
    {
        Path = pathInContainer,
        Type = Type,
        Major = Major,
        Minor = Minor,
        FileMode = Mode,
        Uid = Uid,
        Gid = Gid,
    };

    /// <summary>The rule that allows its use with <paramref name="access"/>, some of <c>rwm</c>.</summary>
    public DeviceRule Allow(string access) => new() { Allow = true, Type = Type, Major = Major, Minor = Minor, Access = access };
}
