using System.Text;
using System.Text.Json;
using Gantry.Images.Save;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Storage.Archives;

namespace Gantry.Images;

/// <summary>Writes images to an archive that is a docker archive and an OCI layout at once: <c>docker save</c>.</summary>
/// <param name="store">Where the images are.</param>
public sealed class ImageSaver(ImageStore store)
{
    private const int BufferSize = 1 << 18;

    /// <summary>Writes the images named. A repository without a tag means all its tags.</summary>
    /// <param name="names">Names or IDs.</param>
    /// <param name="output">Where to; an uncompressed tar archive, the same bytes for the same images.</param>
    /// <param name="platforms">Of images for several platforms, which to write; none: all that are here.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">No such image, or not for a platform; thrown before anything is written.</exception>
    public async Task SaveAsync(IReadOnlyList<string> names, Stream output, IReadOnlyList<Platform>? platforms = null, CancellationToken cancellation = default)
    {
        using var lease = store.Content.Lease();
        var saved = new SavedContent(store);
        foreach (var (image, target, references) in Choose(names))
        {
            saved.Add(image, target, references, platforms ?? []);
            store.Use.Touch(image.Id);
        }
        foreach (var digest in saved.Blobs.Keys)
        {
            if (!lease.TryHold(digest))
                throw GantryException.Conflict($"save: the blob {digest} was removed meanwhile");
        }
        await BlockingStream.RunAsync(() =>
        {
            Write(saved, new BlockingStream(output, cancellation), cancellation);
            return true;
        });
        await output.FlushAsync(cancellation);
    }

    /// <summary>Writes one image under names that only the archive has. The caller holds its blobs.</summary>
    /// <param name="image">The image; it need not be in the store.</param>
    /// <param name="names">Its names in the archive.</param>
    /// <param name="output">Where to.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task SaveAsync(Image image, IReadOnlyList<ImageReference> names, Stream output, CancellationToken cancellation = default)
    {
        var saved = new SavedContent(store);
        saved.Add(image, image.Target, [.. names], []);
        await BlockingStream.RunAsync(() =>
        {
            Write(saved, new BlockingStream(output, cancellation), cancellation);
            return true;
        });
        await output.FlushAsync(cancellation);
    }

    /// <summary>The images with what their names refer to, each once, in the order in which they were asked for.</summary>
    private List<(Image Image, Descriptor Target, List<ImageReference> Names)> Choose(IReadOnlyList<string> names)
    {
        var chosen = new List<(Image Image, Descriptor Target, List<ImageReference> Names)>();
        foreach (var text in names)
        {
            if (ImageReference.TryParse(text, out var reference) && reference.IsNameOnly)
            {
                var all = store.Catalog.Names.Where(name => name.Reference.Name == reference.Name && name.Reference.Tag is not null).ToList();
                foreach (var name in all.OrderBy(name => name.Reference.Tag, StringComparer.Ordinal))
                    Choose(chosen, store.Find(name.Image)!, name.Reference);
                if (all.Count > 0)
                    continue;
                // It may still be the beginning of an ID. Docker adds no tag to this name here.
                if (store.Find(text) is null)
                    throw GantryException.NotFound($"No such image: {reference.Familiar}");
            }
            var image = store.Resolve(text);
            var byName = reference is not null && image.RepoTags.Contains(reference.WithDefaultTag().Familiar);
            Choose(chosen, image, byName ? reference!.WithDefaultTag() : null);
        }
        return chosen;
    }

    private static void Choose(List<(Image Image, Descriptor Target, List<ImageReference> Names)> chosen, Image image, ImageReference? name)
    {
        var at = chosen.FindIndex(one => one.Image.Id == image.Id);
        if (at < 0)
        {
            at = chosen.Count;
            chosen.Add((image, image.Target, []));
        }
        if (name is not null && !chosen[at].Names.Contains(name))
            chosen[at].Names.Add(name);
    }

    private void Write(SavedContent saved, Stream output, CancellationToken cancellation)
    {
        using var buffered = new BufferedStream(output, BufferSize);
        var tar = new TarWriter(buffered);
        WriteFolder(tar, "blobs/");
        foreach (var algorithm in saved.Blobs.Keys.Select(digest => digest.Algorithm).Distinct())
            WriteFolder(tar, $"blobs/{algorithm}/");
        var buffer = new byte[BufferSize];
        foreach (var (digest, size) in saved.Blobs)
        {
            cancellation.ThrowIfCancellationRequested();
            WriteBlob(tar, digest, size, buffer);
        }
        WriteFile(tar, "index.json", JsonSerializer.SerializeToUtf8Bytes(saved.Index, OciImageJson.Plain.ImageIndex));
        WriteFile(tar, "manifest.json", JsonSerializer.SerializeToUtf8Bytes(saved.Entries, OciImageJson.Plain.ListDockerArchiveEntry));
        WriteFile(tar, "oci-layout", JsonSerializer.SerializeToUtf8Bytes(
            new ImageLayout { ImageLayoutVersion = ImageLayout.CurrentVersion }, OciImageJson.Plain.ImageLayout));
        tar.Finish();
        buffered.Flush();
    }

    private void WriteBlob(TarWriter tar, Digest digest, long size, byte[] buffer)
    {
        using var blob = store.Content.OpenRead(digest);
        tar.WriteHeader(Entry(SavedContent.PathOf(digest), TarEntryKind.File, 0x1a4, size));
        long written = 0;
        while (blob.Read(buffer) is var count && count > 0)
        {
            tar.WriteData(buffer.AsSpan(0, count));
            written += count;
        }
        if (written != size)
            throw new GantryException(ErrorKind.System, $"save: the blob {digest} has {written} bytes instead of {size}");
    }

    private static void WriteFile(TarWriter tar, string name, byte[] content)
    {
        tar.WriteHeader(Entry(name, TarEntryKind.File, 0x1a4, content.Length));
        tar.WriteData(content);
    }

    private static void WriteFolder(TarWriter tar, string name) => tar.WriteHeader(Entry(name, TarEntryKind.Directory, 0x1ed, 0));

    private static TarEntry Entry(string name, TarEntryKind kind, uint permissions, long size) =>
        new() { Name = Encoding.UTF8.GetBytes(name), Kind = kind, Permissions = permissions, Size = size, Modified = new FileTime(0, 0) };
}
