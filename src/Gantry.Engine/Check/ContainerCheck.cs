using Gantry.Engine.Containers;
using Gantry.Images;
using Gantry.Images.Check;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Storage.Snapshots;

namespace Gantry.Engine.Check;

/// <summary>Checks that every container has what it needs, and that every writable layer and folder has its container.</summary>
internal sealed class ContainerCheck(ContainerRegistry registry, EnginePaths paths, ISnapshotter snapshots, ImageStore images)
{
    private const int IdLength = 64;

    public List<StoreFinding> Run()
    {
        var findings = new List<StoreFinding>();
        foreach (var container in registry.List())
        {
            if (snapshots.Find(container.Id) is null)
                findings.Add(
                    new StoreFinding("container", container.Name, "its writable layer is missing", "what it wrote is lost: remove the container", null));
            else if (!snapshots.Exists(container.Id) && images.Find(Digest.Parse(container.ImageId)) is null)
                findings.Add(new StoreFinding("container", container.Name, "a layer of its image is missing, and so is the image",
                    "load or pull the image again", null));
        }
        foreach (var orphan in snapshots.List().Where(snapshot => snapshot.Writable && snapshot.Key.Length == IdLength && !registry.IsKnown(snapshot.Key)))
            findings.Add(new StoreFinding("snapshot", orphan.Key, "its container does not exist", "deleted", () => snapshots.Remove(orphan.Key)));
        // Those being deleted have another name.
        foreach (var folder in Directory.EnumerateDirectories(paths.Containers).Where(folder =>
            Path.GetFileName(folder) is var id && !registry.IsKnown(id) && !id.StartsWith(ContainerFolder.RemovedPrefix, StringComparison.Ordinal)))
            findings.Add(new StoreFinding("file", folder, "it is the folder of no container", "deleted", () => DirectoryTree.Remove(folder)));
        return findings;
    }
}
