using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Manifests;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Manifests;

/// <summary><c>manifest inspect</c>: shows the manifest of an image or a list of them, local ones first.</summary>
internal sealed class ManifestInspectCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _insecure = flags.Bool("insecure", "Allow any certificate, or none, of the registry");
    private readonly BoolFlag _verbose = flags.Bool("verbose", 'v', "Show the manifests of a list, with their layers and platforms");

    public static CommandEntry Entry => new(
        ["manifest inspect"], "[OPTIONS] [MANIFEST_LIST] MANIFEST",
        "Display an image manifest, or manifest list",
        new ArgumentCount(1, 2), static flags => new ManifestInspectCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        var store = session.ManifestLists;
        var reference = ManifestSource.Parse(arguments[^1]);
        if (arguments.Count == 2)
        {
            var one = store.Find(ManifestSource.Parse(arguments[0]), reference) ?? throw new CommandException($"No such manifest: {reference}");
            PrintOne(session, one);
        }
        else if (store.Find(reference) is { } local)
        {
            PrintList(session, [.. local.Select(static manifest => manifest.Descriptor)], local);
        }
        else
        {
            await PrintRemoteAsync(session, reference).ConfigureAwait(false);
        }
        return 0;
    }

    private async Task PrintRemoteAsync(CommandSession session, ImageReference reference)
    {
        var found = await ManifestSource.FetchAsync(session, reference, _insecure.Value).ConfigureAwait(false);
        if (!MediaTypes.IsIndex(found.Descriptor.MediaType))
        {
            PrintOne(session, new StoredManifest(reference, found.Descriptor, found.Raw));
            return;
        }
        var entries = ImageDocument.ReadIndex(found.Raw).Value.Manifests;
        var manifests = new List<StoredManifest>();
        foreach (var entry in _verbose.Value ? entries : [])
        {
            var part = reference.WithDigest(entry.Digest);
            manifests.Add(new StoredManifest(part, entry, (await ManifestSource.FetchAsync(session, part, _insecure.Value).ConfigureAwait(false)).Raw));
        }
        PrintList(session, entries, manifests);
    }

    private void PrintOne(CommandSession session, StoredManifest manifest)
    {
        using var document = JsonDocument.Parse(manifest.Raw);
        Print(session, ManifestJson.Tabbed(_verbose.Value ? manifest.Write : document.WriteTo));
    }

    private void PrintList(CommandSession session, IReadOnlyList<Descriptor> entries, IReadOnlyList<StoredManifest> manifests) =>
        Print(session, _verbose.Value ? ManifestJson.Tabbed(writer =>
        {
            writer.WriteStartArray();
            foreach (var manifest in manifests)
                manifest.Write(writer);
            writer.WriteEndArray();
        }) : ManifestJson.List(entries));

    private static void Print(CommandSession session, byte[] json) => session.Print(Encoding.UTF8.GetString(json));
}
