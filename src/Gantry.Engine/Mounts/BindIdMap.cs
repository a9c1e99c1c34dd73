using Gantry.Api.Model;
using Gantry.Engine.Containers;
using Gantry.Engine.Spec;
using Gantry.Oci;
using Gantry.Oci.Runtime;
using Gantry.Os.Files;

namespace Gantry.Engine.Mounts;

/// <summary>
/// How owners on the disk appear in a container through an idmapped bind mount. In a range <c>ContainerID</c> is the ID on the disk and <c>HostID</c> the one
/// that is seen: so the kernel reads
/// the map of a mount (mount_setattr(2)), where "inside" is the filesystem.
/// </summary>
/// <param name="Users">Of users.</param>
/// <param name="Groups">Of groups.</param>
internal sealed record BindIdMap(IReadOnlyList<IdMapping> Users, IReadOnlyList<IdMapping> Groups)
{
    /// <summary>The owner of the source appears as the container's user.</summary>
    public const string MatchUser = "match-user";

    private const string UserNamespace = "userns";

    // (uid_t)-1 is no ID but "leave it".
    private const uint LastId = uint.MaxValue - 1;
    private const int MaxRanges = 340;

    /// <summary>Checks what a request asks for.</summary>
    /// <param name="mapping">It.</param>
    /// <param name="refuse">Makes the error of a problem.</param>
    public static void Check(BindIdMapping mapping, Func<string, GantryException> refuse)
    {
        var hasMaps = mapping.UIDMaps is not null || mapping.GIDMaps is not null;
        switch (mapping.Source)
        {
            case MatchUser when hasMaps:
                throw refuse("field IDMapping: UIDMaps and GIDMaps cannot be combined with the source \"match-user\"");
            case MatchUser:
                return;
            case UserNamespace:
                throw refuse("field IDMapping: the source \"userns\" needs a container with a user namespace of its own");
            case not null:
                throw refuse($"field IDMapping: unknown source \"{mapping.Source}\": use \"match-user\", or UIDMaps and GIDMaps without a source");
        }
        if (!hasMaps || mapping.User is not null)
            throw refuse("field IDMapping: needs the source \"match-user\", or UIDMaps or GIDMaps, without a User");
        Check(mapping.UIDMaps ?? [], "UIDMaps", refuse);
        Check(mapping.GIDMaps ?? [], "GIDMaps", refuse);
    }

    /// <summary>The map of a mount.</summary>
    /// <param name="mapping">What was asked for.</param>
    /// <param name="source">What is bound.</param>
    /// <param name="container">Where.</param>
    /// <param name="readText">Reads a file of its root filesystem: users are looked up there.</param>
    /// <exception cref="GantryException">There is no such user in the container.</exception>
    public static BindIdMap Resolve(BindIdMapping mapping, in FileStatus source, Container container, Func<string, string> readText)
    {
        if (mapping.Source is not MatchUser)
            return new BindIdMap(Explicit(mapping.UIDMaps), Explicit(mapping.GIDMaps));
        var user = new UserLookup(readText).Resolve(mapping.User ?? container.Config.User, null);
        return new BindIdMap(Match(source.UserId, user.Uid), Match(source.GroupId, user.Gid));
    }

    /// <summary>
    /// One ID on the disk appears as another, all else as it is. What has the second ID on the disk shows as nobody's, and who has the first one inside can
    /// make nothing: else what a process
    /// that is not the user makes would belong to somebody else on the disk, root perhaps.
    /// </summary>
    internal static IReadOnlyList<IdMapping> Match(uint onDisk, uint inside)
    {
        if (onDisk == inside)
            return [new IdMapping(0, 0, uint.MaxValue)];
        var (low, high) = (Math.Min(onDisk, inside), Math.Max(onDisk, inside));
        var ranges = new List<IdMapping> { new(onDisk, inside, 1) };
        if (low > 0)
            ranges.Add(new IdMapping(0, 0, low));
        if (high - low > 1)
            ranges.Add(new IdMapping(low + 1, low + 1, high - low - 1));
        if (high < LastId)
            ranges.Add(new IdMapping(high + 1, high + 1, LastId - high));
        return ranges;
    }

    private static IReadOnlyList<IdMapping> Explicit(IReadOnlyList<BindIdRange>? ranges) => ranges is null
        ? [new IdMapping(0, 0, uint.MaxValue)]
        : [.. ranges.Select(static range => new IdMapping((uint)range.HostID, (uint)range.ContainerID, (uint)range.Size))];

    private static void Check(IReadOnlyList<BindIdRange> ranges, string name, Func<string, GantryException> refuse)
    {
        if (ranges.Count > MaxRanges)
            throw refuse($"field IDMapping: {name} has {ranges.Count} ranges, the kernel takes {MaxRanges}");
        foreach (var range in ranges)
        {
            if (range.Size < 1 || range.ContainerID < 0 || range.HostID < 0 || Math.Max(range.ContainerID, range.HostID) > LastId
                || Math.Max(range.ContainerID, range.HostID) + range.Size - 1 > LastId)
                throw refuse($"field IDMapping: {name} has the range {range.ContainerID}:{range.HostID}:{range.Size}, which is not one of IDs");
        }
        if (Overlap(ranges.Select(static range => (range.ContainerID, range.Size))) || Overlap(ranges.Select(static range => (range.HostID, range.Size))))
            throw refuse($"field IDMapping: ranges of {name} overlap");
    }

    private static bool Overlap(IEnumerable<(long First, long Size)> ranges)
    {
        var end = -1L;
        foreach (var (first, size) in ranges.OrderBy(static range => range.First))
        {
            if (first <= end)
                return true;
            end = first + size - 1;
        }
        return false;
    }
}
