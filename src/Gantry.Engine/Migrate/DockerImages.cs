using System.Text.Json;
using Gantry.Images;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Engine.Migrate;

/// <summary>An image of a Docker.</summary>
/// <param name="Id">The digest of its configuration.</param>
/// <param name="Names">Its names with a tag.</param>
internal sealed record DockerImage(Digest Id, IReadOnlyList<ImageReference> Names)
{
    /// <summary>What it is called in messages.</summary>
    public string Title => Names.Count > 0 ? string.Join(", ", Names.Select(static name => name.Familiar)) : Id.Short;

    /// <summary>Whether a user means it by a word: a name (<c>latest</c> when it has no tag), or the beginning of its ID.</summary>
    public bool IsMeantBy(string word)
    {
        const int shortest = 4;
        var id = word.StartsWith("sha256:", StringComparison.Ordinal) ? word["sha256:".Length..] : word;
        return id.Length >= shortest && Id.Hex.StartsWith(id, StringComparison.Ordinal)
            || ImageReference.TryParse(word, out var reference) && reference.Digest is null && Names.Contains(reference.WithDefaultTag());
    }
}

/// <summary>The images of a Docker: <c>image/overlay2</c>.</summary>
internal sealed class DockerImages(DockerRoot root)
{
    /// <summary>All of them, by ID.</summary>
    /// <exception cref="GantryException">The list of names is damaged.</exception>
    public IReadOnlyList<DockerImage> Read()
    {
        var names = ReadNames();
        var images = new List<DockerImage>();
        foreach (var hex in root.List("image/overlay2/imagedb/content/sha256"))
        {
            if (Digest.TryParseHex(hex, out var id))
                images.Add(new DockerImage(id, [.. names[id].OrderBy(static name => name.Familiar, StringComparer.Ordinal)]));
        }
        return images;
    }

    /// <summary>The configuration of an image, byte for byte.</summary>
    /// <exception cref="GantryException">It is not there, or damaged.</exception>
    public byte[] ReadConfig(DockerImage image)
    {
        var content = root.Read($"image/overlay2/imagedb/content/sha256/{image.Id.Hex}");
        return Digest.Compute(content) == image.Id ? content
            : throw GantryException.Invalid($"the configuration of image {image.Id.Short} is damaged: its digest is {Digest.Compute(content)}");
    }

    /// <summary>Writes the archive of a layer as it was when it came to that Docker.</summary>
    /// <param name="chainId">The layer's chain ID.</param>
    /// <param name="output">Where to.</param>
    /// <param name="report">Is told how far it has come.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="GantryException">The layer is not there, or damaged.</exception>
    public void WriteLayer(Digest chainId, Stream output, Action<ImageProgress> report, CancellationToken cancellation)
    {
        var layer = $"image/overlay2/layerdb/sha256/{chainId.Hex}";
        using var description = root.OpenFile($"{layer}/tar-split.json.gz");
        using var files = root.OpenFolder($"overlay2/{DockerLayers.Name(root.ReadLine($"{layer}/cache-id"))}/diff");
        try
        {
            var progress = new LayerProgress(chainId.Short, long.TryParse(root.ReadLine($"{layer}/size"), out var size) ? size : 0, report);
            TarSplit.Write(new DescriptorStream(description.Number), files, output, progress.Add, cancellation);
            progress.End();
        }
        catch (InvalidDataException error)
        {
            throw GantryException.Invalid($"layer {chainId.Short}: {error.Message}", error);
        }
    }

    /// <summary>Tells how far a layer has come, but not at each file.</summary>
    private sealed class LayerProgress(string layer, long size, Action<ImageProgress> report)
    {
        private const long Step = 4 << 20;
        private long _done;
        private long _told;

        public void Add(int bytes)
        {
            _done += bytes;
            if (_done - _told >= Step)
                Tell("Copying layer");
        }

        public void End() => Tell("Copied layer");

        private void Tell(string status)
        {
            _told = _done;
            report(new ImageProgress(null, status, layer, _done, Math.Max(_done, size)));
        }
    }

    private ILookup<Digest, ImageReference> ReadNames()
    {
        var found = new List<(Digest Id, ImageReference Name)>();
        if (root.TryReadJson("image/overlay2/repositories.json") is { ValueKind: JsonValueKind.Object } document
            && document.TryGetProperty("Repositories", out var repositories) && repositories.ValueKind == JsonValueKind.Object)
        {
            // Those with a digest are of manifests that such a Docker does not keep.
            foreach (var entry in repositories.EnumerateObject().Where(static one => one.Value.ValueKind == JsonValueKind.Object)
                .SelectMany(static one => one.Value.EnumerateObject()))
            {
                if (entry.Value.ValueKind == JsonValueKind.String && Digest.TryParse(entry.Value.GetString(), out var id)
                    && ImageReference.TryParse(entry.Name, out var name) && name is { Tag: not null, Digest: null })
                    found.Add((id, name));
            }
        }
        return found.ToLookup(static one => one.Id, static one => one.Name);
    }
}

/// <summary>The folders of layers: <c>overlay2</c>.</summary>
internal static class DockerLayers
{
    /// <summary>The name of a folder, as a document has it.</summary>
    /// <exception cref="GantryException">It is no name.</exception>
    public static string Name(string text) =>
        text.Length > 0 && text.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '-') ? text
            : throw GantryException.Invalid($"\"{text}\" is no name of a layer's folder");
}
