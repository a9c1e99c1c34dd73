using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Cli.Session;

namespace Gantry.Cli.Commands.Images;

/// <summary><c>images</c>: lists images, a row for each of their names.</summary>
internal sealed class ImageListCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _all = flags.Bool("all", 'a', "Show all images (default hides intermediate images)");
    private readonly BoolFlag _digests = flags.Bool("digests", "Show digests");
    private readonly FilterFlag _filter = FilterFlag.Define(flags, 'f', "Only images that match, e.g. \"dangling=true\"");
    private readonly ValueFlag<string> _format = flags.String("format", FormatHelp.Listing);
    private readonly BoolFlag _noTrunc = flags.Bool("no-trunc", "Do not shorten output");
    private readonly BoolFlag _tree = flags.Bool("tree", "List what images have for each platform, as a tree");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only show image IDs");

    public static CommandEntry Entry => new(
        ["image ls", "image list", "images"], "[OPTIONS] [REPOSITORY[:TAG]]",
        "List images",
        ArgumentCount.AtMost(1), static flags => new ImageListCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var filters = _filter.Filters;
        if (arguments.Count == 1)
            filters.Add("reference", arguments[0]);
        CheckTree();
        var images = await session.Client.ListImagesAsync(_all.Value, filters, manifests: _tree.Value).ConfigureAwait(false);
        if (_tree.Value)
        {
            ImageTree.Write(session, images);
            return 0;
        }
        var format = _format.Value.Length > 0 ? _format.Value : _quiet.Value ? "" : session.Settings.Text("imagesFormat");
        if (_quiet.Value && format is "" or "table")
            format = "{{.ID}}";
        var digest = _digests.Value ? "{{.Digest}}\t" : "";
        var showDigests = _digests.Value || format.Contains("{{.Digest", StringComparison.Ordinal);
        Listing.Write(
            session.Out, format, $"{{{{.Repository}}}}\t{{{{.Tag}}}}\t{digest}{{{{.ID}}}}\t{{{{.CreatedSince}}}}\t{{{{.Size}}}}",
            ImageColumns.All(!_noTrunc.Value),
            images.SelectMany(image => ImageRow.Of(image, showDigests)), "formatter.imageContext");
        return 0;
    }

    private void CheckTree()
    {
        if (!_tree.Value)
            return;
        var other = _quiet.Value ? "quiet" : _noTrunc.Value ? "no-trunc" : _digests.Value ? "show-digest" : _format.Value.Length > 0 ? "format" : null;
        if (other is not null)
            throw new CommandException($"--{other} is not yet supported with --tree");
    }
}

/// <summary>An image under one of its names.</summary>
/// <param name="Image">The image.</param>
/// <param name="Repository">The name without tag or digest, or <c>&lt;none&gt;</c>.</param>
/// <param name="Tag">The tag, or <c>&lt;none&gt;</c>.</param>
/// <param name="Digest">The digest of its manifest, or <c>&lt;none&gt;</c>.</param>
internal sealed record ImageRow(ImageSummary Image, string Repository, string Tag, string Digest)
{
    private const string None = "<none>";

    /// <summary>The rows of an image: one for each tag, or with digests for each pair of them; one for a repository known by digest only.</summary>
    public static IEnumerable<ImageRow> Of(ImageSummary image, bool digests)
    {
        var tags = image.RepoTags.Where(static name => name != "<none>:<none>").Select(static name => Cut(name, name.LastIndexOf(':'))).ToArray();
        var known = image.RepoDigests.Where(static name => name != "<none>@<none>")
            .Select(static name => Cut(name, name.IndexOf('@', StringComparison.Ordinal))).ToArray();
        if (tags.Length == 0 && known.Length == 0)
            yield return new ImageRow(image, None, None, None);
        foreach (var (repository, tag) in tags)
        {
            var ofRepository = digests ? known.Where(other => other.Repository == repository).Select(static other => other.Reference).ToArray() : [];
            foreach (var digest in ofRepository.DefaultIfEmpty(None))
                yield return new ImageRow(image, repository, tag, digest);
        }
        foreach (var (repository, digest) in known.Where(other => !tags.Any(tag => tag.Repository == other.Repository)))
            yield return new ImageRow(image, repository, None, digests ? digest : None);
    }

    private static (string Repository, string Reference) Cut(string name, int at) => at < 0 ? (name, None) : (name[..at], name[(at + 1)..]);
}
