using System.Text;
using System.Text.Json;
using Gantry.Cli.Commands.Builds;
using Gantry.Cli.Flags;
using Gantry.Cli.Session;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary><c>buildx bake</c>: builds the targets of a file, one after another; what they have in common is built once, as the daemon knows it.</summary>
internal sealed class BakeCommand(FlagSet flags) : Command
{
    private readonly ListFlag<string> _allow = flags.List("allow", "Allow build to access specified resources");
    private readonly ValueFlag<string> _builder = BuilderFlag.Define(flags);
    private readonly ValueFlag<string> _call = flags.String("call", "Set method for evaluating build (\"check\", \"outline\", \"targets\")", "build");
    private readonly BoolFlag _check = flags.Bool("check", "Shorthand for \"--call=check\"");
    private readonly ListFlag<string> _file = flags.List("file", 'f', "Build definition file");
    private readonly ValueFlag<string> _list = flags.String("list", "List targets");
    private readonly BoolFlag _load = flags.Bool("load", "Shorthand for \"--set=*.output=type=docker\"");
    private readonly ValueFlag<string> _metadataFile = flags.String("metadata-file", "Write build result metadata to a file");
    private readonly BoolFlag _noCache = flags.Bool("no-cache", "Do not use cache when building the image");
    private readonly ListFlag<string> _policy = flags.List("policy", "Not offered: policies for the sources of builds");
    private readonly BoolFlag _print = flags.Bool("print", "Print the options without building");
    private readonly ValueFlag<string> _progress = flags.String(
        "progress", "Set type of progress output (\"auto\", \"quiet\", \"plain\", \"tty\", \"rawjson\")", "auto");
    private readonly ValueFlag<string> _provenance = flags.String("provenance", "Shorthand for \"--set=*.attest=type=provenance\"");
    private readonly BoolFlag _pull = flags.Bool("pull", "Always attempt to pull all referenced images");
    private readonly BoolFlag _push = flags.Bool("push", "Shorthand for \"--set=*.output=type=registry\"");
    private readonly ValueFlag<string> _sbom = flags.String("sbom", "Shorthand for \"--set=*.attest=type=sbom\"");
    private readonly ListFlag<string> _set = flags.List("set", "Override target value (e.g., \"targetpattern.key=value\")");
    private readonly ListFlag<string> _var = flags.List("var", "Set a variable value (e.g., \"name=value\")");

    public static CommandEntry Entry =>
        new(["buildx bake", "bake", "buildx f"], "[OPTIONS] [TARGET...]", "Build from a file", ArgumentCount.Any, static flags => new BakeCommand(flags));

    public override async Task<int> RunAsync(CommandSession session, IReadOnlyList<string> arguments)
    {
        // 1. What is to be built.
        BuilderFlag.Check(_builder.Value);
        BuilderRefusal.Check(_policy);
        var model = new BakeFileReader(session, _var.Values.Select(static text => text.Split('=', 2))
            .ToDictionary(static pair => pair[0], static pair => pair.Length > 1 ? pair[1] : "")).Read(_file.Values);
        if (_list.Value.Length > 0)
        {
            session.Print(string.Join('\n', model.Names));
            return 0;
        }
        var targets = model.Select(arguments, [.. _set.Values.Select(Change)]);
        if (_print.Value)
        {
            session.Print(BakeModel.Print(targets, arguments));
            return 0;
        }
        // 2. Each, after those that it is made from.
        var images = new Dictionary<string, string>();
        var metadata = new Dictionary<string, byte[]>();
        var needed = targets.SelectMany(static one => one.Target.TextMap("contexts").Values)
            .Where(static place => place.StartsWith("target:", StringComparison.Ordinal))
            .Select(static place => place["target:".Length..]).ToHashSet();
        try
        {
            foreach (var (name, target) in targets)
            {
                if (needed.Contains(name))
                    images[name] = $"gantry-bake-{Guid.NewGuid():N}:latest";
                if (await BuildAsync(session, name, target, images, metadata).ConfigureAwait(false) is not 0 and var code)
                    return code;
            }
        }
        finally
        {
            foreach (var image in images.Values)
                await session.Client.RemoveImageAsync(image, false, false, []).ConfigureAwait(false);
        }
        // 3. What became of them.
        if (_metadataFile.Value.Length > 0)
            File.WriteAllBytes(_metadataFile.Value, Join(metadata));
        return 0;
    }

    private async Task<int> BuildAsync(CommandSession session, string name, MapValue target, Dictionary<string, string> images,
        Dictionary<string, byte[]> metadata)
    {
        var folder = Directory.CreateTempSubdirectory("gantry-bake-");
        try
        {
            string? inline = null;
            if (target.Text("dockerfile-inline") is { Length: > 0 } text)
                File.WriteAllText(inline = Path.Combine(folder.FullName, "Dockerfile"), text);
            var words = BakeTarget.Arguments(name, target, images, inline);
            words.InsertRange(0, Shared());
            if (images.TryGetValue(name, out var image))
                words.InsertRange(0, ["--tag", image]);
            var metadataFile = Path.Combine(folder.FullName, "metadata");
            words.InsertRange(0, ["--metadata-file", metadataFile]);
            var own = new FlagSet();
            var command = new BuildCommand(own);
            session.PrintError($"[{name}]");
            var code = await command.RunAsync(session, own.Parse(words.ToArray())).ConfigureAwait(false);
            if (File.Exists(metadataFile))
                metadata[name] = File.ReadAllBytes(metadataFile);
            return code;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What all targets have from the command line.</summary>
    private List<string> Shared()
    {
        _ = _load.Value;
        var words = new List<string> { "--progress", _progress.Value, "--call", _check.Value ? "check" : _call.Value };
        foreach (var allowed in _allow.Values)
            words.AddRange(["--allow", allowed]);
        foreach (var (name, flag) in ((string, BoolFlag)[])[("no-cache", _noCache), ("pull", _pull), ("push", _push)])
        {
            if (flag.Value)
                words.Add($"--{name}");
        }
        foreach (var (name, flag) in ((string, ValueFlag<string>)[])[("provenance", _provenance), ("sbom", _sbom)])
        {
            if (flag.Value.Length > 0)
                words.AddRange([$"--{name}", flag.Value]);
        }
        return words;
    }

    private static (string Pattern, string Key, string Value) Change(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && equals > dot ? (text[..dot], text[(dot + 1)..equals], text[(equals + 1)..])
            : throw new CommandException($"invalid override {text}, expected target.name=value");
    }

    private static byte[] Join(Dictionary<string, byte[]> metadata)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            foreach (var (name, document) in metadata)
            {
                json.WritePropertyName(name);
                json.WriteRawValue(Encoding.UTF8.GetString(document));
            }
            json.WriteEndObject();
        }
        return memory.ToArray();
    }
}
