using System.Text.Json;
using System.Text.RegularExpressions;
using Gantry.Cli.Commands.Compose;
using Gantry.Cli.Session;
using Gantry.Compose;
using Gantry.Compose.Files;
using Gantry.Compose.Planning;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>Reads the files of <c>buildx bake</c>: JSON, HCL without functions, and compose files. Later files change what earlier ones say.</summary>
/// <param name="session">The environment.</param>
/// <param name="variables">Values of variables that were given by <c>--var</c>.</param>
internal sealed partial class BakeFileReader(CommandSession session, IReadOnlyDictionary<string, string> variables)
{
    private static readonly string[] s_usual =
    [
        "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "docker-bake.json", "docker-bake.hcl", "docker-bake.override.json", "docker-bake.override.hcl",
    ];

    private readonly MapValue _groups = new();
    private readonly MapValue _targets = new();
    private readonly Dictionary<string, string> _values = [];

    /// <summary>Reads files, or those of the usual names that are there.</summary>
    /// <exception cref="CommandException">There is none, or one is malformed.</exception>
    public BakeModel Read(IReadOnlyList<string> files)
    {
        if (files.Count == 0)
            files = [.. s_usual.Where(File.Exists)];
        if (files.Count == 0)
            throw new CommandException("couldn't find a bake definition: docker-bake.hcl, docker-bake.json or a compose file");
        var read = files.Select(file => (File: file, Text: file == "-" ? new StreamReader(session.Context.Input).ReadToEnd() : FileArgument.ReadText(file))).ToList();
        var maps = read.Select(one => Parse(one.File, one.Text)).ToList();
        // Variables first: what a file says of targets may use those of another.
        foreach (var map in maps)
            TakeVariables(map);
        foreach (var map in maps)
            Take(map);
        return new BakeModel(_groups, _targets);
    }

    private MapValue Parse(string file, string text)
    {
        try
        {
            if (file.EndsWith(".hcl", StringComparison.Ordinal))
                return new HclReader(text, file).Read();
            if (file.EndsWith(".json", StringComparison.Ordinal) || text.TrimStart().StartsWith('{'))
                return Map(text, file);
            if (file == "-")
                return new HclReader(text, "stdin").Read();
            var project = new ProjectLoader(new LoadContext
            {
                CurrentFolder = Directory.GetCurrentDirectory(), Environment = EnvironmentVariables(), Warn = session.PrintError, ReadInput = static () => "",
            }).Load(new LoadOptions { Files = [file] }, []);
            var services = project.Services.Values.Where(static service => service.Map("build") is not null).ToArray();
            return Map(BakeFile.Write(session, project, services, new BuildChanges()), file);
        }
        catch (ComposeException error)
        {
            throw new CommandException($"failed to parse {file}: {error.Message}");
        }
    }

    private static MapValue Map(string text, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return Of(document.RootElement) as MapValue ?? throw new CommandException($"failed to parse {file}: it is no object");
        }
        catch (JsonException error)
        {
            throw new CommandException($"failed to parse {file}: {error.Message}");
        }
    }

    private static Value Of(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new MapValue();
                foreach (var property in element.EnumerateObject())
                    map[property.Name] = Of(property.Value);
                return map;
            case JsonValueKind.Array:
                var list = new ListValue();
                list.Items.AddRange(element.EnumerateArray().Select(Of));
                return list;
            case JsonValueKind.True or JsonValueKind.False:
                return ScalarValue.Of(element.GetBoolean());
            case JsonValueKind.Null:
                return ScalarValue.Null();
            case JsonValueKind.Number when element.TryGetInt64(out var whole):
                return ScalarValue.Of(whole);
            default:
                return ScalarValue.Of(element.ToString());
        }
    }

    private static Dictionary<string, string> EnvironmentVariables() => Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
        .ToDictionary(static entry => (string)entry.Key, static entry => (string?)entry.Value ?? "");

    private void TakeVariables(MapValue map)
    {
        foreach (var (name, value) in map.Map("variable")?.Entries ?? [])
        {
            var given = variables.GetValueOrDefault(name) ?? session.Context.Environment(name);
            _values[name] = given ?? (value as MapValue)?.Text("default") ?? "";
        }
    }

    private void Take(MapValue map)
    {
        foreach (var (kind, all) in ((string, MapValue)[])[("group", _groups), ("target", _targets)])
        {
            foreach (var (name, value) in map.Map(kind)?.Entries ?? [])
            {
                if (Expand(value) is not MapValue body)
                    throw new CommandException($"{kind} {name} is no object");
                if (body.Contains("matrix"))
                    throw new CommandException($"target {name}: matrix is not implemented in this version of Gantry: write a target for each");
                all[name] = all.Map(name) is { } before ? BakeModel.Merge(before, body) : body;
            }
        }
    }

    /// <summary>Puts the values of variables into texts: <c>${NAME}</c>.</summary>
    private Value Expand(Value value)
    {
        switch (value)
        {
            case MapValue map:
                var expanded = new MapValue();
                foreach (var (key, element) in map.Entries)
                    expanded[key] = Expand(element);
                return expanded;
            case ListValue list:
                var items = new ListValue();
                items.Items.AddRange(list.Items.Select(Expand));
                return items;
            case ScalarValue { Kind: ScalarKind.Text } scalar when scalar.Text.Contains("${", StringComparison.Ordinal):
                return ScalarValue.Of(Variable().Replace(scalar.Text, match => ValueOf(match.Groups[1].Value.Trim())));
            default:
                return value;
        }
    }

    private string ValueOf(string name)
    {
        if (!Name().IsMatch(name))
            throw new CommandException($"${{{name}}}: functions and operators of HCL are not implemented in this version of Gantry: only names of variables are");
        return _values.TryGetValue(name, out var value) ? value : throw new CommandException($"Unknown variable; There is no variable named \"{name}\".");
    }

    [GeneratedRegex(@"\$\{([^}]*)\}")]
    private static partial Regex Variable();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_-]*$")]
    private static partial Regex Name();
}
