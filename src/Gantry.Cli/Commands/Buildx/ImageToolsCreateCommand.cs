using System.Text;
using Gantry.Api.Model;
using Gantry.Cli.Commands.Manifests;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx imagetools create</c>: an index of images that are in the registry already.</summary>
internal sealed class ImageToolsCreateCommand(FlagSet flags) : Command
{
    private readonly ListFlag<string> _annotation = flags.List("annotation", "Add annotation to the index: key=value");
    private readonly BoolFlag _append = flags.Bool("append", "Append to existing manifest");
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly BoolFlag _dryRun = flags.Bool("dry-run", "Show final image instead of pushing");
    private readonly ListFlag<string> _tag = flags.List("tag", 't', "Set reference for new image");

    public static CommandEntry Entry => new(
        ["buildx imagetools create"], "[OPTIONS] [SOURCE...]", "Create a new image based on source images", ArgumentCount.AtLeast(1), static flags => new ImageToolsCreateCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        if (_tag.Values.Count == 0 && !_dryRun.Value)
            throw new CommandException("can't push with no tags specified, please set --tag or --dry-run");
        var targets = _tag.Values.Select(ManifestSource.Parse).ToList();
        // 1. What it consists of.
        var entries = new List<(ImageReference From, Descriptor Entry)>();
        foreach (var source in (_append.Value ? _tag.Values : []).Concat(arguments))
            entries.AddRange(await EntriesAsync(session, ManifestSource.Parse(source)).ConfigureAwait(false));
        var index = ImageDocument.Create(new ImageIndex
        {
            MediaType = MediaTypes.OciIndex, Manifests = [.. entries.Select(static pair => pair.Entry).DistinctBy(static entry => entry.Digest)], Annotations = Annotations(),
        });
        if (_dryRun.Value)
        {
            session.Print(Encoding.UTF8.GetString(index.Bytes.Span));
            return 0;
        }
        // 2. Under each name: the images first, as a registry takes no index without them.
        foreach (var target in targets)
            await PushAsync(session, target, entries, index).ConfigureAwait(false);
        return 0;
    }

    private static async Task PushAsync(CommandSession session, ImageReference target, List<(ImageReference From, Descriptor Entry)> entries, ImageDocument<ImageIndex> index)
    {
        var credentials = await session.Credentials.FindAsync(target).ConfigureAwait(false);
        foreach (var (from, entry) in entries.Where(pair => pair.From.Name != target.Name))
            await session.Client.CopyManifestAsync(from.WithoutTag().WithDigest(entry.Digest), target.WithoutTag(), false, credentials).ConfigureAwait(false);
        var document = new ManifestDocument
        {
            Descriptor = new Descriptor { MediaType = MediaTypes.OciIndex, Digest = index.Digest, Size = index.Bytes.Length }, Raw = index.Bytes.ToArray(),
        };
        var pushed = await session.Client.PutManifestAsync(target, document, false, credentials).ConfigureAwait(false);
        session.Print($"{target}@{pushed.Digest}");
    }

    private static async Task<IEnumerable<(ImageReference From, Descriptor Entry)>> EntriesAsync(CommandSession session, ImageReference source)
    {
        var found = await ManifestSource.FetchAsync(session, source, insecure: false).ConfigureAwait(false);
        return MediaTypes.IsIndex(found.Descriptor.MediaType) ? ImageDocument.ReadIndex(found.Raw).Value.Manifests.Select(entry => (source, entry)) : [(source, found.Descriptor)];
    }

    private Dictionary<string, string>? Annotations() => _annotation.Values.Count == 0 ? null
        : _annotation.Values.Select(static text => text.Split('=', 2)).ToDictionary(
            static pair => pair[0].StartsWith("index:", StringComparison.Ordinal) ? pair[0]["index:".Length..] : pair[0],
            static pair => pair.Length > 1 ? pair[1] : throw new CommandException($"invalid annotation \"{pair[0]}\", expected key=value"));
}
