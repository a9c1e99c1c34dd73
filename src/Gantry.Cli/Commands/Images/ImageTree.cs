using System.Text;
using Gantry.Api.Model;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Images;

/// <summary><c>images --tree</c>: each image with what it has for each platform.</summary>
internal static class ImageTree
{
    private const string Nameless = "<untagged>";

    public static void Write(CommandSession session, IReadOnlyList<ImageSummary> images)
    {
        var text = new StringBuilder("IMAGE\tID\tDISK USAGE\tCONTENT SIZE\tEXTRA\n");
        foreach (var image in images)
            AddImage(text, image);
        session.Print("Info -> U In Use\n");
        new Tabulator().Write(session.Out, text.ToString());
    }

    private static void AddImage(StringBuilder text, ImageSummary image)
    {
        var manifests = image.Manifests ?? [];
        var platforms = manifests.Where(static manifest => manifest.ImageData is not null).ToArray();
        var total = manifests.Sum(static manifest => manifest.Size.Total);
        var content = manifests.Sum(static manifest => manifest.Size.Content);
        foreach (var name in image.RepoTags.DefaultIfEmpty(image.RepoDigests.FirstOrDefault(Nameless)))
            AddRow(text, name, image.Id, total, content, image.Containers > 0);
        // Without an index there is but one, which the row above tells of.
        if (platforms.Length == 1 && platforms[0].ID == image.Descriptor?.Digest)
            return;
        for (var i = 0; i < platforms.Length; i++)
        {
            var platform = platforms[i].ImageData!.Platform;
            var name = $"{(i < platforms.Length - 1 ? "├─" : "└─")} {platform.Os}/{platform.Architecture}{(platform.Variant is { } variant ? "/" + variant : "")}";
            AddRow(text, name, platforms[i].ID, platforms[i].Size.Total, platforms[i].Size.Content, platforms[i].ImageData!.Containers.Count > 0);
        }
    }

    private static void AddRow(StringBuilder text, string name, string id, long total, long content, bool inUse) => text
        .Append(name).Append('\t').Append(HumanText.ShortId(id)).Append('\t').Append(HumanText.Size(total, 3)).Append('\t')
        .Append(HumanText.Size(content, 3)).Append('\t').Append(inUse ? "U" : "").Append('\n');
}
