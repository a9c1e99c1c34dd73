using System.Text;
using System.Text.Json;
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
    private readonly ListFlag<string> _file = flags.List("file", 'f', "Read source descriptor from file");
    private readonly ValueFlag<string> _metadataFile = flags.String("metadata-file", "Write result metadata to a file");
    private readonly ListFlag<string> _platform = flags.List("platform", 'p', "Filter specified platforms of target image");
    private readonly BoolFlag _preferIndex = flags.Add(
        new BoolFlag("prefer-index", '\0', "When only a single source is specified, prefer an image index to a carbon copy (default true)") { Value = true });
    private readonly ValueFlag<string> _progress = flags.String("progress", "Set type of progress output (\"auto\", \"none\", \"plain\")", "auto");
    private readonly ListFlag<string> _tag = flags.List("tag", 't', "Set reference for new image");

    public static CommandEntry Entry => new(
        ["buildx imagetools create"], "[OPTIONS] [SOURCE...]", "Create a new image based on source images", ArgumentCount.Any, static flags =>
            new ImageToolsCreateCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        BuilderFlag.Check(_builder.Value);
        if (_tag.Values.Count == 0 && !_dryRun.Value)
            throw new CommandException("can't push with no tags specified, please set --tag or --dry-run");
        if (_progress.Value is not ("auto" or "none" or "quiet" or "plain"))
            throw new CommandException($"unsupported progress type \"{_progress.Value}\": auto, none or plain");
        var targets = _tag.Values.Select(ManifestSource.Parse).ToList();
        // 1. What it consists of.
        var sources = _file.Values.Select(ReadFile).Concat(_append.Value ? _tag.Values : []).Concat(arguments).Select(text => Source(text, targets)).ToList();
        if (sources.Count == 0)
            throw new CommandException("no sources specified: give names of images, or --file");
        if (sources.Count == 1 && !_preferIndex.Value && !_dryRun.Value && _annotation.Values.Count == 0 && _platform.Values.Count == 0)
        {
            foreach (var target in targets)
                WriteMetadata(await CopyAsync(session, sources[0], target).ConfigureAwait(false));
            return 0;
        }
        var entries = new List<(ImageReference From, Descriptor Entry)>();
        foreach (var source in sources)
            entries.AddRange(await EntriesAsync(session, source).ConfigureAwait(false));
        entries = Chosen(entries);
        var index = ImageDocument.Create(new ImageIndex
        {
            MediaType = MediaTypes.OciIndex, Manifests = [.. entries.Select(static pair => pair.Entry).DistinctBy(static entry => entry.Digest)],
            Annotations = Annotations(),
        });
        if (_dryRun.Value)
        {
            session.Print(Encoding.UTF8.GetString(index.Bytes.Span));
            return 0;
        }
        // 2. Under each name: the images first, as a registry takes no index without them.
        var document = new ManifestDocument
        {
            Descriptor = new Descriptor { MediaType = MediaTypes.OciIndex, Digest = index.Digest, Size = index.Bytes.Length }, Raw = index.Bytes.ToArray(),
        };
        foreach (var target in targets)
            await PushAsync(session, target, entries, document).ConfigureAwait(false);
        WriteMetadata(document.Descriptor);
        return 0;
    }

    /// <summary>An image's name; a digest, or a descriptor as JSON: of the repository that the target is in.</summary>
    private static ImageReference Source(string text, IReadOnlyList<ImageReference> targets)
    {
        var trimmed = text.Trim();
        if (!trimmed.StartsWith('{') && !Digest.TryParse(trimmed, out _))
            return ManifestSource.Parse(trimmed);
        if (targets.Count == 0)
            throw new CommandException("a digest without a name is one of the repository of --tag: give a tag");
        return targets[0].WithoutTag().WithDigest(trimmed.StartsWith('{') ? DigestOf(trimmed) : Digest.Parse(trimmed));
    }

    private static Digest DigestOf(string descriptor)
    {
        try
        {
            using var document = JsonDocument.Parse(descriptor);
            return document.RootElement.TryGetProperty("digest", out var text) && Digest.TryParse(text.GetString(), out var digest)
                ? digest : throw new CommandException("a source descriptor has no digest");
        }
        catch (JsonException error)
        {
            throw new CommandException($"invalid source descriptor: {error.Message}");
        }
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"failed to read {path}: {error.Message}");
        }
    }

    private List<(ImageReference From, Descriptor Entry)> Chosen(List<(ImageReference From, Descriptor Entry)> entries)
    {
        var wanted = _platform.Values.SelectMany(static text => text.Split(',')).Select(Platform.Parse).ToList();
        if (wanted.Count == 0)
            return entries;
        var chosen = entries.FindAll(pair => pair.Entry.Platform is { } platform && wanted.Contains(platform));
        return chosen.Count > 0 ? chosen : throw new CommandException($"no image of the sources is for {string.Join(", ", wanted)}");
    }

    /// <summary>The same manifest or index under another name.</summary>
    private async Task<Descriptor> CopyAsync(CommandSession session, ImageReference source, ImageReference target)
    {
        var found = await ManifestSource.FetchAsync(session, source, insecure: false).ConfigureAwait(false);
        await PushAsync(session, target, [.. await EntriesAsync(session, source).ConfigureAwait(false)], found).ConfigureAwait(false);
        return found.Descriptor;
    }

    /// <summary>What was made, as <c>buildx build --metadata-file</c> tells it.</summary>
    private void WriteMetadata(Descriptor made)
    {
        if (_metadataFile.Value.Length == 0)
            return;
        using var file = File.Create(_metadataFile.Value);
        using var writer = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
        writer.WriteStartObject();
        writer.WriteStartObject("containerimage.descriptor");
        writer.WriteString("mediaType", made.MediaType);
        writer.WriteString("digest", made.Digest.ToString());
        writer.WriteNumber("size", made.Size);
        writer.WriteEndObject();
        writer.WriteString("containerimage.digest", made.Digest.ToString());
        writer.WriteString("image.name", string.Join(',', _tag.Values));
        writer.WriteEndObject();
    }

    private void Tell(CommandSession session, string line)
    {
        if (_progress.Value is not ("none" or "quiet"))
            session.Print(line);
    }

    private async Task PushAsync(CommandSession session, ImageReference target, List<(ImageReference From, Descriptor Entry)> entries,
        ManifestDocument document)
    {
        var credentials = await session.Credentials.FindAsync(target).ConfigureAwait(false);
        foreach (var (from, entry) in entries.Where(pair => pair.From.Name != target.Name))
            await session.Client.CopyManifestAsync(from.WithoutTag().WithDigest(entry.Digest), target.WithoutTag(), false, credentials).ConfigureAwait(false);
        var pushed = await session.Client.PutManifestAsync(target, document, false, credentials).ConfigureAwait(false);
        Tell(session, $"{target}@{pushed.Digest}");
    }

    private static async Task<IEnumerable<(ImageReference From, Descriptor Entry)>> EntriesAsync(CommandSession session, ImageReference source)
    {
        var found = await ManifestSource.FetchAsync(session, source, insecure: false).ConfigureAwait(false);
        return MediaTypes.IsIndex(found.Descriptor.MediaType) ? ImageDocument.ReadIndex(found.Raw).Value.Manifests.Select(entry => (source, entry))
            : [(source, found.Descriptor)];
    }

    private Dictionary<string, string>? Annotations() => _annotation.Values.Count == 0 ? null
        : _annotation.Values.Select(static text => text.Split('=', 2)).ToDictionary(
            static pair => pair[0].StartsWith("index:", StringComparison.Ordinal) ? pair[0]["index:".Length..] : pair[0],
            static pair => pair.Length > 1 ? pair[1] : throw new CommandException($"invalid annotation \"{pair[0]}\", expected key=value"));
}
