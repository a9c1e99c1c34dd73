using System.Globalization;
using Gantry.Oci.Images;

namespace Gantry.Images.Store;

/// <summary>
/// How names stand in the layout's <c>index.json</c>: one entry a name, with the whole name in both annotations (skopeo looks up the
/// second, and a bare tag there would be ambiguous as soon as two images have it), and one entry without a name for an image that has none.
/// </summary>
internal static class IndexAnnotations
{
    private const string LayerSizes = "dev.gantry.image.layer-sizes";
    private const string Tagged = "dev.gantry.image.tagged";

    internal static Descriptor Named(Descriptor target, ImageReference reference, IEnumerable<long> layerSizes, DateTimeOffset now) =>
        Unnamed(target, layerSizes) is var entry
            ? entry with
            {
                Annotations = new Dictionary<string, string>(entry.Annotations!)
                {
                    [Annotations.ContainerdImageName] = reference.ToString(),
                    [Annotations.RefName] = reference.ToString(),
                    [Tagged] = now.UtcDateTime.ToString("O", CultureInfo.InvariantCulture),
                },
            }
            : null!;

    internal static Descriptor Unnamed(Descriptor target, IEnumerable<long> layerSizes) => new()
    {
        MediaType = target.MediaType,
        Digest = target.Digest,
        Size = target.Size,
        Annotations = new Dictionary<string, string>
        {
            [LayerSizes] = string.Join(',', layerSizes.Select(size => size.ToString(CultureInfo.InvariantCulture))),
        },
    };

    /// <summary>The name of an entry, or null when it has none that is whole.</summary>
    internal static ImageReference? Reference(Descriptor entry)
    {
        var name = entry.Annotation(Annotations.ContainerdImageName) ?? entry.Annotation(Annotations.RefName);
        // A bare token is a tag without a repository, as the specification allows: no name that docker could show.
        if (name is null || (!name.Contains('/') && !name.Contains(':')))
            return null;
        return ImageReference.TryParse(name, out var reference) && !reference.IsNameOnly ? reference : null;
    }

    internal static DateTimeOffset? TaggedAt(Descriptor entry) =>
        DateTimeOffset.TryParse(entry.Annotation(Tagged), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>The recorded sizes of the layers' files, or null when they are not those of <paramref name="count"/> layers.</summary>
    internal static List<long>? Sizes(Descriptor entry, int count)
    {
        var text = entry.Annotation(LayerSizes);
        if (text is null)
            return null;
        var sizes = new List<long>(count);
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                return null;
            sizes.Add(size);
        }
        return sizes.Count == count ? sizes : null;
    }
}
