using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Client;
using Gantry.Compose;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose bridge convert</c>: has images turn a project into files for something else, e.g. Kubernetes.</summary>
internal sealed class BridgeConvertCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<string> _output = flags.String("output", 'o', "The output directory for the Kubernetes resources", "out");
    private readonly ValueFlag<string> _templates = flags.String("templates", "Directory containing transformation templates");
    private readonly ListFlag<string> _transformations = flags.List(
        "transformation", 't', "Transformation to apply to compose model (default: docker/compose-bridge-kubernetes)");

    public static CommandEntry Entry => new(
        ["compose bridge convert"], "", "Convert compose files to Kubernetes manifests, Helm charts, or another model", ArgumentCount.Exactly(0),
        static flags => new BridgeConvertCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        session.RefuseDryRun("bridge convert");
        var transformations = _transformations.Values.Count > 0 ? _transformations.Values : [BridgeModel.UsualImage];
        var project = session.Load([], session.Options with { AllResources = true });

        // 1. The images of the project and those that transform it.
        var images = await session.RunAsync("Pulling", async engine =>
        {
            var ensurer = new ImageEnsurer(engine, session.FindCredentials, null);
            foreach (var image in transformations)
                if (!await ensurer.IsPresentAsync(image).ConfigureAwait(false))
                    await ensurer.PullAsync(image, image, "").ConfigureAwait(false);
            return await BridgeModel.CompleteAsync(project, engine, ensurer).ConfigureAwait(false);
        }).ConfigureAwait(false);

        // 2. Where they find it, and where they write to.
        var output = Path.GetFullPath(_output.Value);
        if (Directory.Exists(output) && Directory.EnumerateFileSystemEntries(output).Any())
        {
            if (!session.Confirm($"Output directory '{_output.Value}' is not empty, all its content will be permanently deleted. Continue?"))
                throw new ComposeException($"deletion of output directory '{_output.Value}' was not confirmed");
            Directory.Delete(output, recursive: true);
        }
        Directory.CreateDirectory(output);
        var input = Directory.CreateTempSubdirectory("compose-convert-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(input.FullName, "compose.yaml"), images).ConfigureAwait(false);
            foreach (var image in transformations)
                if (await TransformAsync(session, image, input.FullName, output).ConfigureAwait(false) is not 0 and var code)
                    throw new ComposeException($"transformation {image} failed: exit code {code}", code);
        }
        finally
        {
            input.Delete(recursive: true);
        }
        return 0;
    }

    private async Task<int> TransformAsync(ComposeSession session, string image, string input, string output)
    {
        List<string> binds = [$"{input}:/in", $"{output}:/out"];
        if (_templates.Value.Length > 0)
            binds.Add($"{Path.GetFullPath(_templates.Value)}:/templates");
        var created = await session.Session.Client.CreateContainerAsync(new ContainerCreateRequest
        {
            Image = image,
            Env = ["LICENSE_AGREEMENT=true"],
            User = Os.Processes.ProcessOwner.Current.User.ToString(System.Globalization.CultureInfo.InvariantCulture),
            AttachStdout = true,
            AttachStderr = true,
            HostConfig = new HostConfig { Binds = binds, AutoRemove = true },
        }, null, null).ConfigureAwait(false);
        return await new ForegroundContainer(session.Session, created.Id, tty: false, interactive: false) { IsRemoved = true }.RunAsync().ConfigureAwait(false);
    }
}

/// <summary><c>compose bridge transformations create</c>: begins a transformation of one's own with the templates of another.</summary>
internal sealed class BridgeCreateCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<string> _from = flags.String("from", 'f', "Existing transformation to copy (default: docker/compose-bridge-kubernetes)");

    public static CommandEntry Entry => new(
        ["compose bridge transformations create"], "[OPTION] PATH", "Create a new transformation", ArgumentCount.Exactly(1), static flags =>
            new BridgeCreateCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        session.RefuseDryRun("bridge transformations create");
        var target = Path.GetFullPath(arguments[0]);
        if (Path.Exists(target))
            throw new ComposeException($"output folder {target} already exists");
        var client = session.Session.Client;
        var created = await client.CreateContainerAsync(
            new ContainerCreateRequest { Image = _from.Value.Length > 0 ? _from.Value : BridgeModel.UsualImage }, null, null).ConfigureAwait(false);
        try
        {
            Directory.CreateDirectory(target);
            if (await OtherCommand.RunAsync(session, ["cp", "-q", created.Id + ":/templates", Path.Combine(target, "templates")])
                .ConfigureAwait(false) is not 0 and var code)
                return code;
        }
        finally
        {
            await client.RemoveContainerAsync(created.Id, volumes: true, link: false, force: true).ConfigureAwait(false);
        }
        await File.WriteAllTextAsync(Path.Combine(target, "Dockerfile"),
            $"FROM docker/compose-bridge-transformer\nLABEL {BridgeModel.Label}={BridgeModel.LabelValue}\nCOPY templates /templates\n").ConfigureAwait(false);
        session.Session.Print($"Transformer created in \"{target}\"");
        return 0;
    }
}

/// <summary><c>compose bridge transformations list</c>: the images that transform projects.</summary>
internal sealed class BridgeListCommand(FlagSet flags) : ProjectCommand
{
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output. Values: [table | json]", "table");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only display transformer names");

    public static CommandEntry Entry => new(
        ["compose bridge transformations list", "compose bridge transformations ls"], "", "List available transformations", ArgumentCount.Exactly(0),
        static flags => new BridgeListCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        var images = await session.Session.Client.ListImagesAsync(all: false, new Filters().Add("label", $"{BridgeModel.Label}={BridgeModel.LabelValue}"))
            .ConfigureAwait(false);
        var named = images.SelectMany(static image => (image.RepoTags ?? []).Select(tag => (Tag: tag, image.Id, image.Created, image.Size)))
            .OrderBy(static image => image.Tag, StringComparer.Ordinal).ToArray();
        if (_quiet.Value)
        {
            foreach (var image in named)
                session.Session.Print(image.Tag);
            return 0;
        }
        if (_format.Value is not ("table" or "json"))
            throw new ComposeException($"format value \"{_format.Value}\" could not be parsed: parsing failed");
        if (_format.Value == "json")
        {
            session.Session.Print(JsonSerializer.Serialize(images, ApiJson.Wire.IReadOnlyListImageSummary));
            return 0;
        }
        var rows = named.Select(static image =>
        {
            var colon = image.Tag.LastIndexOf(':');
            return $"{image.Id["sha256:".Length..][..12]}\t{image.Tag[..colon]}\t{image.Tag[(colon + 1)..]}\t{HumanText.Size(image.Size, 3)}\n";
        });
        new Tabulator(20, 3).Write(session.Session.Out, "IMAGE ID\tREPO\tTAGS\tSIZE\n" + string.Concat(rows));
        return 0;
    }
}
