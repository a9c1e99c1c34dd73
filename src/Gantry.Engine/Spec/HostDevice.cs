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
        if (FileStatus.TryGet(path, followLinks: true) is not { } status || !(status.IsCharacterDevice || status.IsBlockDevice))
            return null;
        return new HostDevice(
            path, status.IsBlockDevice ? "b" : "c", status.DeviceMajor, status.DeviceMinor, status.Permissions, status.Uid, status.Gid);
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
