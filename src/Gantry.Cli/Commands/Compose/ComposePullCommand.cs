using Gantry.Cli.Flags;
using Gantry.Compose;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Compose.Running;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose pull</c>: pulls the images of services.</summary>
internal sealed class ComposePullCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _ignoreBuildable = flags.Bool("ignore-buildable", "Ignore images that can be built");
    private readonly BoolFlag _ignoreFailures = flags.Bool("ignore-pull-failures", "Pull what it can and ignores images with pull failures");
    private readonly BoolFlag _dependencies = flags.Bool("include-deps", "Also pull services declared as dependencies");
    private readonly ValueFlag<string> _policy = flags.String("policy", "Apply pull policy (\"missing\"|\"always\")");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Pull without printing progress information");

    public static CommandEntry Entry =>
        new(["compose pull"], "[OPTIONS] [SERVICE...]", "Pull service images", ArgumentCount.Any, static flags => new ComposePullCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        if (_policy.Value is not ("" or "always" or "missing"))
            throw new ComposeException($"invalid --policy option \"{_policy.Value}\"");
        var project = _dependencies.Value ? session.Load(arguments) : session.LoadAlone(arguments);
        await session.RunAsync("Pulling", engine => PullAsync(session, engine, project)).ConfigureAwait(false);
        return 0;
    }

    private async Task PullAsync(ComposeSession session, EngineAccess engine, Project project)
    {
        var images = new ImageEnsurer(engine, session.FindCredentials, null) { Quiet = _quiet.Value };
        var pulls = new List<Service>();
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var service in project.Services.Values)
        {
            var policy = _policy.Value.Length > 0 ? _policy.Value : service.Text("pull_policy");
            var skipped = service.Image.Length == 0 ? "Skipped - No image to be pulled"
                : policy is "never" or "build" ? "Skipped"
                : policy is "missing" or "if_not_present" && !IsLatest(service.Image) && await images.IsPresentAsync(service.Image).ConfigureAwait(false)
                    ? "Skipped - Image is already present locally"
                : _ignoreBuildable.Value && service.Map("build") is not null ? "Skipped - Image can be built"
                : seen.TryGetValue(service.Image, out var other) ? $"Skipped - Image is already being pulled by {other}"
                : null;
            if (skipped is not null)
            {
                engine.Progress.Report(new Step(service.Name, StepState.Done, "") { Word = skipped });
                continue;
            }
            seen[service.Image] = service.Name;
            pulls.Add(service);
        }
        await Threads.ForEachAsync(pulls, service => PullAsync(images, service)).ConfigureAwait(false);
    }

    // As with docker, what is called latest is never recent enough for who asks for a pull.
    private static bool IsLatest(string image) => ImageReference.TryParse(image, out var reference) && reference.WithDefaultTag().Tag == "latest";

    private async Task PullAsync(ImageEnsurer images, Service service)
    {
        try
        {
            await images.PullAsync(service.Name, service.Image, service.Text("platform")).ConfigureAwait(false);
        }
        catch (ComposeException) when (_ignoreFailures.Value || service.Map("build") is not null)
        {
            // Told by the progress; it can be built, or the user said that this does not matter.
        }
    }
}
