using System.Globalization;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Engine.Filesystem;
using Gantry.Os.Files;

namespace Gantry.Api.Mapping;

/// <summary>What is at a path in a container, as the header of the archive operations tells it.</summary>
internal static class PathStatMapping
{
    public static string ToHeader(ContainerPath path)
    {
        var stat = new ContainerPathStat
        {
            Name = path.Name,
            Size = path.Status.Size,
            Mode = ModeOf(path.Status),
            Modified = TimeOf(path.Status.Modified),
            LinkTarget = path.LinkTarget,
        };
        return Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(stat, ApiJson.Wire.ContainerPathStat));
    }

    private static uint ModeOf(in FileStatus status)
    {
        const uint SetUserId = 0x800, SetGroupId = 0x400, Sticky = 0x200, All = 0x1ff;
        var mode = status.Permissions & All;
        if ((status.Permissions & SetUserId) != 0) mode |= GoFileMode.SetUserId;
        if ((status.Permissions & SetGroupId) != 0) mode |= GoFileMode.SetGroupId;
        if ((status.Permissions & Sticky) != 0) mode |= GoFileMode.Sticky;
        return mode | status.Kind switch
        {
            FileKind.Directory => GoFileMode.Directory,
            FileKind.SymbolicLink => GoFileMode.SymbolicLink,
            FileKind.BlockDevice => GoFileMode.Device,
            FileKind.CharacterDevice => GoFileMode.Device | GoFileMode.CharacterDevice,
            FileKind.Fifo => GoFileMode.NamedPipe,
            FileKind.Socket => GoFileMode.Socket,
            _ => 0,
        };
    }

    private static string TimeOf(FileTime time)
    {
        var seconds = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(time.Seconds, -62135596800, 253402300799))
            .ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        var fraction = time.Nanoseconds.ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0');
        return fraction.Length > 0 ? $"{seconds}.{fraction}Z" : seconds + "Z";
    }
}
