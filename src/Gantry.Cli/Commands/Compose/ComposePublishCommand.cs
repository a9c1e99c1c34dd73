using System.Text;
using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Model;
using Gantry.Compose.Output;
using Gantry.Compose.Progress;
using Gantry.Compose.Publishing;
using Gantry.Compose.Running;
using Gantry.Compose.Values;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose publish</c>: puts a project's files into a registry, from which <c>-f oci://NAME</c> takes them.</summary>
internal sealed class ComposePublishCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _application = flags.Bool("app", "Published compose application (includes referenced images)");
    private readonly ValueFlag<string> _version = flags.String("oci-version", "OCI image/artifact specification version (automatically determined by default)");
    private readonly BoolFlag _digests = flags.Bool("resolve-image-digests", "Pin image tags to digests");
    private readonly BoolFlag _withVariables = flags.Bool("with-env", "Include environment variables in the published OCI artifact");
    private readonly BoolFlag _yes = flags.Bool("yes", 'y', "Assume \"yes\" as answer to all prompts");

    public static CommandEntry Entry => new(
        ["compose publish", "compose alpha publish"], "[OPTIONS] REPOSITORY[:TAG]", "Publish compose application", ArgumentCount.Exactly(1), static flags =>
            new ComposePublishCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        // 1. What is published, and whether it may be.
        var project = session.Load([], session.Options with { ResolveEnvironment = false, AllResources = true });
        project.Activate(["*"]);
        var resolved = session.Load([], session.Options with { AllResources = true });
        resolved.Activate(["*"]);
        var checks = new PublishChecks(project, resolved);
        checks.CheckImages();
        var files = new ProjectFiles(project).Collect(_withVariables.Value).ToList();
        foreach (var question in checks.Questions(_withVariables.Value))
            if (!_yes.Value && !session.Confirm(question))
                return 0;
        if (!_withVariables.Value)
            checks.CheckVariables();

        // 2. Images that are built here are pushed first: others can only pull them.
        await session.RunAsync("publish", async engine =>
        {
            await new ImagePusher(engine, session.FindCredentials) { Tolerate = (service, error) => engine.Warn($"{service.Name}: {error.Message}") }
                .PushAsync(project, [.. project.Services.Values]).ConfigureAwait(false);
            await PublishAsync(session, engine, project, files, arguments[0]).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return 0;
    }

    private async Task PublishAsync(ComposeSession session, EngineAccess engine, Project project, List<PublishedFile> files, string name)
    {
        var pinned = _digests.Value || _application.Value ? await PinAsync(session, project).ConfigureAwait(false) : [];
        if (pinned.Count > 0)
            files.Add(new PublishedFile(PublishedKind.Compose, "image-digests.yaml", Encoding.UTF8.GetBytes(ProjectText.ImagesToYaml(project))));
        engine.Progress.Begun(name, "publishing");
        try
        {
            var reference = ImageReference.Parse(name).WithDefaultTag();
            if (!engine.IsDryRun)
            {
                using var registry = new ProjectRegistry(session.FindCredentials);
                var manifest = await registry.PublishAsync(reference, files, _version.Value).ConfigureAwait(false);
                if (_application.Value)
                    await registry.CopyImagesAsync(reference, manifest, pinned).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is GantryException or ComposeException)
        {
            engine.Progress.Report(new Step(name, StepState.Error, "") { Word = "publishing" });
            throw new ComposeException(error.Message);
        }
        engine.Progress.Report(new Step(name, StepState.Done, "") { Word = "published" });
    }

    private static async Task<List<ImageReference>> PinAsync(ComposeSession session, Project project)
    {
        var pinned = new List<ImageReference>();
        foreach (var service in project.Services.Values.Where(static service => service.Image.Length > 0))
        {
            var image = await ImagePins.PinAsync(session, service.Image).ConfigureAwait(false);
            service.Definition["image"] = ScalarValue.Of(image);
            pinned.Add(ImageReference.Parse(image));
        }
        return pinned;
    }
}
