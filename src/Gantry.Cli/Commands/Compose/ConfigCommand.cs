using Gantry.Cli.Flags;
using Gantry.Cli.Output;
using Gantry.Compose;
using Gantry.Compose.Files;
using Gantry.Compose.Interpolation;
using Gantry.Compose.Model;
using Gantry.Compose.Output;
using Gantry.Compose.Planning;
using Gantry.Compose.Values;
using Gantry.Oci.Images;

namespace Gantry.Cli.Commands.Compose;

/// <summary><c>compose config</c>: shows what the files mean.</summary>
internal sealed class ConfigCommand(FlagSet flags) : ProjectCommand
{
    private readonly BoolFlag _environment = flags.Bool("environment", "Print environment used for interpolation.");
    private readonly ValueFlag<string> _format = flags.String("format", "Format the output. Values: [yaml | json]");
    private readonly ValueFlag<string> _hash = flags.String("hash", "Print the service config hash, one per line.");
    private readonly BoolFlag _images = flags.Bool("images", "Print the image names, one per line.");
    private readonly BoolFlag _lock = flags.Bool("lock-image-digests", "Produces an override file with image digests");
    private readonly BoolFlag _models = flags.Bool("models", "Print the model names, one per line.");
    private readonly BoolFlag _networks = flags.Bool("networks", "Print the network names, one per line.");
    private readonly BoolFlag _noConsistency = flags.Bool("no-consistency", "Don't check model consistency - warning: may produce invalid Compose output");
    private readonly BoolFlag _noEnvironment = flags.Bool("no-env-resolution", "Don't resolve service env files");
    private readonly BoolFlag _noInterpolate = flags.Bool("no-interpolate", "Don't interpolate environment variables");
    private readonly BoolFlag _noNormalize = flags.Bool("no-normalize", "Don't normalize compose model");
    private readonly BoolFlag _noPaths = flags.Bool("no-path-resolution", "Don't resolve file paths");
    private readonly ValueFlag<string> _output = flags.String("output", 'o', "Save to file (default to stdout)");
    private readonly BoolFlag _profiles = flags.Bool("profiles", "Print the profile names, one per line.");
    private readonly BoolFlag _quiet = flags.Bool("quiet", 'q', "Only validate the configuration, don't print anything");
    private readonly BoolFlag _digests = flags.Bool("resolve-image-digests", "Pin image tags to digests");
    private readonly BoolFlag _services = flags.Bool("services", "Print the service names, one per line.");
    private readonly BoolFlag _variables = flags.Bool("variables", "Print model variables and default values.");
    private readonly BoolFlag _volumes = flags.Bool("volumes", "Print the volume names, one per line.");

    public static CommandEntry Entry => new(
        ["compose config", "compose convert"], "[OPTIONS] [SERVICE...]", "Parse, resolve and render compose file in canonical format",
        ArgumentCount.Any, static flags => new ConfigCommand(flags));

    public override async Task<int> RunAsync(ComposeSession session, IReadOnlyList<string> arguments)
    {
        if (_format.Value is not ("" or "yaml" or "json"))
            throw new ComposeException($"unsupported format \"{_format.Value}\"");
        var text = List(session, arguments) ?? await RenderAsync(session, arguments).ConfigureAwait(false);
        if (_quiet.Value)
            return 0;
        if (_output.Value.Length > 0 && text.Length > 0)
            await File.WriteAllTextAsync(_output.Value, text).ConfigureAwait(false);
        else
            session.Session.Out.Write(text);
        return 0;
    }

    private LoadOptions Options(ComposeSession session) => session.Options with
    {
        Interpolate = !_noInterpolate.Value,
        Normalize = !_noNormalize.Value && !session.Flags.Compatibility.Value,
        ResolvePaths = !_noPaths.Value,
        CheckConsistency = !_noConsistency.Value,
        ResolveEnvironment = !_noEnvironment.Value,
        KeepLabelFiles = false,
    };

    // The text of a flag that asks for one kind of thing only, or null.
    private string? List(ComposeSession session, IReadOnlyList<string> arguments)
    {
        Project Load(IReadOnlyList<string>? services = null) => session.Load(services, Options(session) with { ResolveEnvironment = false });
        if (_services.Value)
            return Lines(_noInterpolate.Value ? session.LoadModel(Options(session)).Map("services")?.Keys ?? [] : InOrder(Load()));
        if (_volumes.Value)
            return Lines(Load().Volumes.Keys);
        if (_networks.Value)
            return Lines(Load().Networks.Keys);
        if (_models.Value)
            return Lines(Load().Models.Values.Select(static model => model.Text("model")).Where(static name => name.Length > 0));
        if (_hash.Value.Length > 0)
            return Hashes(Load());
        if (_profiles.Value)
            return Lines(Load(arguments).AllServices.SelectMany(static service => service.Profiles).Distinct().Order(StringComparer.Ordinal));
        if (_images.Value)
        {
            var project = Load(arguments);
            return Lines(project.Services.Values.Select(service => service.ImageOrDefault(project.Name, project.Separator)));
        }
        if (_variables.Value)
            return Variables(session);
        return _environment.Value
            ? Lines(session.Load(arguments, Options(session)).Variables.Select(static variable => $"{variable.Key}={variable.Value}")
                .Order(StringComparer.Ordinal))
            : null;
    }

    private static string Lines(IEnumerable<string> lines) => string.Concat(lines.Select(static line => line + "\n"));

    // A service after those it depends on.
    private static List<string> InOrder(Project project)
    {
        var order = new List<string>();
        foreach (var name in project.Services.Keys)
            Visit(name);
        return order;

        void Visit(string name)
        {
            if (order.Contains(name) || !project.Services.TryGetValue(name, out var service))
                return;
            foreach (var dependency in service.DependsOn.Keys.Order(StringComparer.Ordinal))
                Visit(dependency);
            order.Add(name);
        }
    }

    private string Hashes(Project project)
    {
        IEnumerable<string> names = _hash.Value == "*" ? project.Services.Keys : _hash.Value.Split(',').Order(StringComparer.Ordinal);
        foreach (var service in project.Services.Values)
            BuildPlatform.Apply(service, project.Variables);
        return Lines(names.Select(name => $"{name} {ConfigHash.Of(project.Service(name))}"));
    }

    private string Variables(ComposeSession session)
    {
        var used = UsedVariables.Of(session.LoadModel(Options(session) with { Interpolate = false }));
        if (_format.Value is "yaml" or "json")
            return UsedVariables.ToText(used, _format.Value == "json");
        var table = string.Concat(used.Select(static variable =>
            $"{variable.Name}\t{(variable.Required ? "true" : "false")}\t{variable.Default}\t{variable.Alternate}\n"));
        return new Tabulator(20, 3).Align("NAME\tREQUIRED\tDEFAULT VALUE\tALTERNATE VALUE\n" + table);
    }

    private async Task<string> RenderAsync(ComposeSession session, IReadOnlyList<string> services)
    {
        var json = _format.Value == "json";
        if (_noInterpolate.Value)
            return RenderModel(await PinAsync(session, session.LoadModel(Options(session))).ConfigureAwait(false), json);
        var project = session.Load(services, Options(session));
        if (_digests.Value || _lock.Value)
            foreach (var service in project.Services.Values.Where(static service => service.Image.Length > 0))
                service.Definition["image"] = ScalarValue.Of(await ImagePins.PinAsync(session, service.Image).ConfigureAwait(false));
        if (!_noConsistency.Value)
            ContainerNames.CheckUnique(project);
        var text = _lock.Value
            ? json ? ProjectText.ImagesToJson(project) : ProjectText.ImagesToYaml(project)
            : json ? ProjectText.ToJson(project) : ProjectText.ToYaml(project);
        // What was interpolated would be interpolated again when the output is read.
        return text.Replace("$", "$$", StringComparison.Ordinal);
    }

    private string RenderModel(MapValue model, bool json)
    {
        if (_lock.Value)
        {
            foreach (var key in model.Keys.Where(static key => key != "services").ToArray())
                model.Remove(key);
            foreach (var service in model.Maps("services"))
                foreach (var key in service.Keys.Where(static key => key != "image").ToArray())
                    service.Remove(key);
        }
        return json ? ProjectText.ModelToJson(model) : ProjectText.ModelToYaml(model);
    }

    private async Task<MapValue> PinAsync(ComposeSession session, MapValue model)
    {
        if (_digests.Value || _lock.Value)
            foreach (var service in model.Maps("services").Where(static service => service.Contains("image")))
                service["image"] = ScalarValue.Of(await ImagePins.PinAsync(session, service.Text("image")).ConfigureAwait(false));
        return model;
    }
}
