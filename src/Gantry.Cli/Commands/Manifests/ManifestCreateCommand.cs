using Gantry.Cli.Flags;
using Gantry.Cli.Manifests;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Manifests;

/// <summary><c>manifest create</c>: begins a local list of images that are in a registry.</summary>
internal sealed class ManifestCreateCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _amend = flags.Bool("amend", 'a', "Add to a list that there is");
    private readonly BoolFlag _insecure = flags.Bool("insecure", "Allow any certificate, or none, of the registry");

    public static CommandEntry Entry => new(
        ["manifest create"], "MANIFEST_LIST MANIFEST [MANIFEST...]",
        "Create a local manifest list for annotating and pushing to a registry",
        ArgumentCount.AtLeast(2), static flags => new ManifestCreateCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        // 1. Everything has to be there before anything is kept.
        var list = ManifestSource.Parse(arguments[0]);
        if (session.ManifestLists.Find(list) is not null && !_amend.Value)
            throw new CommandException("refusing to amend an existing manifest list with no --amend flag");
        var images = new List<(ImageReference Name, StoredManifest Manifest)>();
        foreach (var name in arguments.Skip(1).Select(ManifestSource.Parse))
        {
            var found = await ManifestSource.FetchAsync(session, name, _insecure.Value).ConfigureAwait(false);
            if (MediaTypes.IsIndex(found.Descriptor.MediaType))
                throw new CommandException($"{name} is a manifest list");
            images.Add((name, new StoredManifest(name, found.Descriptor, found.Raw)));
        }

        // 2. Keep it.
        foreach (var (name, manifest) in images)
            session.ManifestLists.Save(list, name, manifest);
        session.Print($"Created manifest list {list}");
        return 0;
    }
}
