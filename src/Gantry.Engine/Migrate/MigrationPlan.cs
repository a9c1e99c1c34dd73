using Gantry.Oci;
using Gantry.Volumes;

namespace Gantry.Engine.Migrate;

/// <summary>Which objects of a Docker are to be taken over, with what these need.</summary>
/// <param name="Images">Images.</param>
/// <param name="Volumes">Volumes.</param>
/// <param name="Containers">Containers.</param>
internal sealed record MigrationPlan(IReadOnlyList<DockerImage> Images, IReadOnlyList<DockerVolume> Volumes, IReadOnlyList<DockerContainer> Containers)
{
    /// <summary>
    /// Chooses. A container brings its image and its volumes. Without names these are all images that have a name, all volumes but those that were made for a
    /// container that is gone, and all
    /// containers.
    /// </summary>
    /// <param name="names">Names or IDs of what is wanted; none: everything.</param>
    /// <param name="all">All there is.</param>
    /// <param name="from">The Docker's folder, for messages.</param>
    /// <exception cref="GantryException">There is nothing of a name (NotFound).</exception>
    public static MigrationPlan Choose(IReadOnlyList<string> names, MigrationPlan all, string from)
    {
        if (names.FirstOrDefault(name => !all.HasWhatIsMeantBy(name)) is { } unknown)
            throw GantryException.NotFound($"migrate: there is no image, volume or container \"{unknown}\" in {from}");
        bool IsNamed(Func<string, bool> isMeantBy) => names.Any(isMeantBy);
        var containers = names.Count == 0 ? all.Containers : [.. all.Containers.Where(container => IsNamed(container.IsMeantBy))];
        var images = containers.Select(static container => container.Image).ToHashSet();
        var volumes = containers.SelectMany(static container => container.Volumes).ToHashSet();
        return new MigrationPlan(
            [.. all.Images.Where(image => images.Contains(image.Id) || (names.Count == 0 ? image.Names.Count > 0 : IsNamed(image.IsMeantBy)))],
            [.. all.Volumes.Where(volume => volumes.Contains(volume.Name)
                || (names.Count == 0 ? volume.Labels?.ContainsKey(Volume.AnonymousLabel) is not true : names.Contains(volume.Name)))],
            containers);
    }

    private bool HasWhatIsMeantBy(string name) =>
        Images.Any(image => image.IsMeantBy(name)) || Volumes.Any(volume => volume.Name == name) || Containers.Any(container => container.IsMeantBy(name));
}
