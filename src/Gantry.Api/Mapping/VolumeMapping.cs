using Gantry.Api.Model;
using Gantry.Volumes;

namespace Gantry.Api.Mapping;

/// <summary>Volumes on the wire.</summary>
internal static class VolumeMapping
{
    public static VolumeResource ToResource(Volume volume) => new()
    {
        // Whole seconds, as docker has them.
        CreatedAt = DateTimeOffset.FromUnixTimeSeconds(volume.CreatedAt.ToUnixTimeSeconds()),
        Driver = volume.Driver,
        Labels = volume.Labels,
        Mountpoint = volume.Mountpoint,
        Name = volume.Name,
        Options = volume.Options,
        Scope = volume.Scope,
    };
}
