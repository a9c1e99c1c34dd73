using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Images.Load;

/// <summary>A file of an image archive that is now a blob.</summary>
/// <param name="Digest">Its digest.</param>
/// <param name="Size">Its length in bytes.</param>
internal readonly record struct ReceivedFile(Digest Digest, long Size);

/// <summary>What an image archive held: small documents in memory, all other files as blobs, by path.</summary>
internal sealed class ReceivedArchive
{
    private const int MaxLinks = 8;

    internal Dictionary<string, byte[]> Documents { get; } = [];

    internal Dictionary<string, ReceivedFile> Files { get; } = [];

    /// <summary>Blobs that were there before.</summary>
    internal HashSet<Digest> Known { get; } = [];

    internal Dictionary<string, string> Links { get; } = [];

    /// <summary>The file at a path; old archives use symbolic links for layers that several images share.</summary>
    /// <exception cref="GantryException">There is none.</exception>
    internal ReceivedFile File(string path, string purpose)
    {
        var current = ArchivePath.Normalize(System.Text.Encoding.UTF8.GetBytes(path));
        for (var i = 0; i < MaxLinks; i++)
        {
            if (Files.TryGetValue(current, out var file))
                return file;
            if (!Links.TryGetValue(current, out var next))
                break;
            current = next;
        }
        throw GantryException.Invalid($"image archive: {purpose} {path} is missing");
    }
}
