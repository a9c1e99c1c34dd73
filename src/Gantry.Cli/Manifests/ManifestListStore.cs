using System.Text.Json;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Cli.Manifests;

/// <summary>
/// Lists of manifests in the making, in docker's own form: a folder for each list, in it a file for each image. Docker's client can go on with
/// what was begun here, and the other way round.
/// </summary>
/// <param name="folder">The folder of all lists, <c>~/.docker/manifests</c>.</param>
internal sealed class ManifestListStore(string folder)
{
    /// <summary>The images of a list by the names of their files; null when there is no such list.</summary>
    /// <exception cref="CommandException">A file is malformed.</exception>
    public IReadOnlyList<StoredManifest>? Find(ImageReference list)
    {
        var path = PathOf(list);
        return Directory.Exists(path)
            ? [.. Directory.EnumerateFiles(path).Where(static file => !file.EndsWith(AtomicFile.TemporarySuffix, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal).Select(Read)]
            : null;
    }

    /// <summary>One image of a list, or null.</summary>
    /// <exception cref="CommandException">The file is malformed.</exception>
    public StoredManifest? Find(ImageReference list, ImageReference image)
    {
        var path = PathOf(list, image);
        return File.Exists(path) ? Read(path) : null;
    }

    /// <summary>Puts an image into a list, in the place of what the list had under this name.</summary>
    public void Save(ImageReference list, ImageReference image, StoredManifest manifest)
    {
        Directory.CreateDirectory(PathOf(list));
        AtomicFile.Write(PathOf(list, image), ManifestJson.Plain(manifest.Write), sync: true);
    }

    /// <summary>Deletes a list; false when there is none.</summary>
    public bool Remove(ImageReference list)
    {
        var path = PathOf(list);
        if (!Directory.Exists(path))
            return false;
        Directory.Delete(path, recursive: true);
        return true;
    }

    private static StoredManifest Read(string path)
    {
        try
        {
            return StoredManifest.Read(File.ReadAllBytes(path));
        }
        catch (JsonException error)
        {
            throw new CommandException($"{path}: {error.Message}");
        }
    }

    private string PathOf(ImageReference list) => Path.Combine(folder, FileNameOf(list));

    private string PathOf(ImageReference list, ImageReference image) => Path.Combine(PathOf(list), FileNameOf(image));

    // The grammar of references leaves no other letters that mean something in a path.
    private static string FileNameOf(ImageReference reference) => reference.ToString().Replace(':', '-').Replace('/', '_');
}
