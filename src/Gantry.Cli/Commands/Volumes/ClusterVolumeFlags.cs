using Gantry.Api.Model;
using Gantry.Cli.Flags;

namespace Gantry.Cli.Commands.Volumes;

/// <summary>The flags of <c>volume create</c> that ask for a volume of a swarm's cluster: any of them does.</summary>
internal sealed class ClusterVolumeFlags(FlagSet flags)
{
    private readonly ValueFlag<string> _availability = flags.String(
        "availability", '\0', "Availability of a cluster volume (\"active\", \"pause\", \"drain\")", "active");
    private readonly ValueFlag<string> _group = flags.String("group", "Group of a cluster volume");
    private readonly ValueFlag<long> _limit = flags.Bytes("limit-bytes", '\0', "Maximum size of a cluster volume");
    private readonly ValueFlag<long> _required = flags.Bytes("required-bytes", '\0', "Minimum size of a cluster volume");
    private readonly ValueFlag<string> _scope = flags.String("scope", '\0', "Access scope of a cluster volume (\"single\", \"multi\")", "single");
    private readonly MapFlag _secret = flags.Map("secret", '\0', "Secrets of a cluster volume");
    private readonly ValueFlag<string> _sharing = flags.String(
        "sharing", '\0', "Access sharing of a cluster volume (\"none\", \"readonly\", \"onewriter\", \"all\")", "none");
    private readonly ListFlag<string> _preferred = flags.List("topology-preferred", "Topology that a cluster volume would be preferred in");
    private readonly ListFlag<string> _needed = flags.List("topology-required", "Topology that a cluster volume must be reached from");
    private readonly ValueFlag<string> _type = flags.String("type", '\0', "Access type of a cluster volume (\"mount\", \"block\")", "block");

    /// <summary>What the flags ask for; null when none is given.</summary>
    public ClusterVolumeSpec? Spec => !IsGiven ? null : new ClusterVolumeSpec
    {
        Group = _group.Value,
        Availability = _availability.Value,
        AccessMode = new ClusterVolumeAccess
        {
            Scope = _scope.Value,
            Sharing = _sharing.Value,
            MountVolume = _type.Value == "mount" ? EmptyObject.Value : null,
            BlockVolume = _type.Value == "block" ? EmptyObject.Value : null,
        },
        AccessibilityRequirements = new ClusterVolumeTopology { Requisite = Segments(_needed), Preferred = Segments(_preferred) },
        CapacityRange = _limit.Changed || _required.Changed ? new ClusterVolumeCapacity { LimitBytes = _limit.Value, RequiredBytes = _required.Value } : null,
        Secrets = [.. _secret.Values.Select(static pair => new ClusterVolumeSecret { Key = pair.Key, Secret = pair.Value })],
    };

    private bool IsGiven =>
        ((Flag[])[_availability, _group, _limit, _required, _scope, _secret, _sharing, _preferred, _needed, _type]).Any(static flag => flag.Changed);

    private static IReadOnlyList<ClusterVolumeSegments> Segments(ListFlag<string> topologies) =>
        [.. topologies.Values.Select(static topology => new ClusterVolumeSegments { Segments = KeyValues.ToMap(topology.Split(',')) })];
}
