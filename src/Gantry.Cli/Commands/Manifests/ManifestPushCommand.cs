using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Manifests;
using Gantry.Cli.Session;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Manifests;

/// <summary><c>manifest push</c>: sends a local list to its registry, after the images it names.</summary>
internal sealed class ManifestPushCommand(FlagSet flags) : Command
{
    private readonly BoolFlag _insecure = flags.Bool("insecure", "Allow any certificate, or none, of the registry");
    private readonly BoolFlag _purge = flags.Bool("purge", 'p', "Remove the local manifest list after the push");

    public static CommandEntry Entry => new(
        ["manifest push"], "[OPTIONS] MANIFEST_LIST",
        "Push a manifest list to a repository",
        ArgumentCount.Exactly(1), static flags => new ManifestPushCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        // 1. Is it complete?
        var list = ManifestSource.Parse(arguments[0]);
        var images = session.ManifestLists.Find(list) ?? throw new CommandException($"No such manifest: {list}");
        if (images.Count == 0)
            throw new CommandException($"{list} not found");
        foreach (var image in images)
        {
            if (image.Reference.Domain != list.Domain)
            {
                throw new CommandException(
                    $"cannot use source images from a different registry than the target image: {image.Reference.Domain} != {list.Domain}");
            }
            if (image.Descriptor.Platform is not { Os.Length: > 0, Architecture.Length: > 0 })
                throw new CommandException($"manifest {image.Reference} must have an OS and Architecture to be pushed to a registry");
        }

        // 2. The images go into the repository of the list.
        var credentials = await session.Credentials.FindAsync(list).ConfigureAwait(false);
        foreach (var image in images)
        {
            var digest = image.Descriptor.Digest;
            await session.Client.CopyManifestAsync(
                image.Reference.WithoutTag().WithDigest(digest), list.WithoutTag(), _insecure.Value, credentials).ConfigureAwait(false);
            session.Print($"Pushed ref {list.WithoutTag().WithDigest(digest)} with digest: {digest}");
            session.Flush();
        }

        // 3. The list itself.
        var entries = images.Select(static image => image.Descriptor).ToArray();
        var raw = ManifestJson.List(entries);
        var document = new ManifestDocument
        {
            Descriptor = new() { MediaType = ManifestJson.TypeOfList(entries), Digest = Digest.Compute(raw), Size = raw.Length },
            Raw = raw,
        };
        var pushed = await session.Client.PutManifestAsync(list, document, _insecure.Value, credentials).ConfigureAwait(false);
        if (_purge.Value)
            session.ManifestLists.Remove(list);
        session.Print(pushed.Digest.ToString());
        return 0;
    }
}
