using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>What is at a path in a container: the header <c>X-Docker-Container-Path-Stat</c>, in base64.</summary>
public sealed record ContainerPathStat
{
    /// <summary>The path's last component.</summary>
    [JsonPropertyName("name")]
    public string Name { get; init; } = "";

    /// <summary>Size in bytes; of a link the length of its text.</summary>
    [JsonPropertyName("size")]
    public long Size { get; init; }

    /// <summary>Kind and permissions as Go's <c>os.FileMode</c> has them.</summary>
    [JsonPropertyName("mode")]
    public uint Mode { get; init; }

    /// <summary>Time of the last change, RFC 3339 with nanoseconds.</summary>
    [JsonPropertyName("mtime")]
    public string Modified { get; init; } = "";

    /// <summary>Where a link leads, as an absolute path in the container; else empty.</summary>
    [JsonPropertyName("linkTarget")]
    public string LinkTarget { get; init; } = "";

    /// <summary>Whether <see cref="Mode"/> says that it is a directory.</summary>
    [JsonIgnore]
    public bool IsDirectory => (Mode & GoFileMode.Directory) != 0;

    /// <summary>Whether <see cref="Mode"/> says that it is a symbolic link.</summary>
    [JsonIgnore]
    public bool IsSymbolicLink => (Mode & GoFileMode.SymbolicLink) != 0;
}

/// <summary>The bits of Go's <c>os.FileMode</c> above the nine permissions.</summary>
public static class GoFileMode
{
    /// <summary>A directory.</summary>
    public const uint Directory = 1u << 31;

    /// <summary>A symbolic link.</summary>
    public const uint SymbolicLink = 1u << 27;

    /// <summary>A device; with <see cref="CharacterDevice"/> one for characters.</summary>
    public const uint Device = 1u << 26;

    /// <summary>A FIFO.</summary>
    public const uint NamedPipe = 1u << 25;

    /// <summary>A socket.</summary>
    public const uint Socket = 1u << 24;

    /// <summary>The set-user-ID bit.</summary>
    public const uint SetUserId = 1u << 23;

    /// <summary>The set-group-ID bit.</summary>
    public const uint SetGroupId = 1u << 22;

    /// <summary>A character device.</summary>
    public const uint CharacterDevice = 1u << 21;

    /// <summary>The sticky bit.</summary>
    public const uint Sticky = 1u << 20;
}
