using Gantry.Images;
using Gantry.Oci.Images;

namespace Gantry.Engine.Containers;

/// <summary>Which containers use an image or a volume, for those who are about to remove one.</summary>
internal sealed class ContainerUses(ContainerRegistry registry)
{
    public IEnumerable<ImageUser> OfImage(Digest image)
    {
        var id = image.ToString();
        return registry.List().Where(c => c.ImageId == id || c.Mounts.Any(m => m.Image == id)).OrderByDescending(c => c.State.IsRunning)
            .Select(c => new ImageUser(c.Id, c.State.IsRunning));
    }

    public IReadOnlyList<string> OfVolume(string name) =>
        [.. registry.List().Where(c => c.Mounts.Any(m => m.Type is "volume" && m.Name == name)).Select(c => c.Id)];
}
