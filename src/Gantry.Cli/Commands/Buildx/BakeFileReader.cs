using System.Text.Json;
using Gantry.Cli.Commands.Compose;
using Gantry.Cli.Session;
using Gantry.Compose;
using Gantry.Compose.Files;
using Gantry.Compose.Planning;
using Gantry.Compose.Values;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>Reads the files of <c>buildx bake</c>: JSON, HCL and compose files. Later files change what earlier ones say.</summary>
/// <param name="session">The environment.</param>
/// <param name="variables">Values of variables that were given by <c>--var</c>.</param>
internal sealed class BakeFileReader(CommandSession session, IReadOnlyDictionary<string, string> variables)
{
    private static readonly string[] s_usual =
    [
        "compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml", "docker-bake.json", "docker-bake.hcl", "docker-bake.override.json",
        "docker-bake.override.hcl",
    ];

    private readonly MapValue _groups = new();
    private readonly MapValue _targets = new();

    /// <summary>Reads files, or those of the usual names that are there.</summary>
    /// <exception cref="CommandException">There is none, or one is malformed.</exception>
    public BakeModel Read(IReadOnlyList<string> files)
    {
        if (files.Count == 0)
            files = [.. s_usual.Where(File.Exists)];
        if (files.Count == 0)
            throw new CommandException("couldn't find a bake definition: docker-bake.hcl, docker-bake.json or a compose file");
        var read = files.Select(file => (File: file, Text: file == "-" ? new StreamReader(session.Context.Input).ReadToEnd() : FileArgument.ReadText(file)))
            .ToList();
        var maps = read.Select(one => Parse(one.File, one.Text)).ToList();
        // Variables first: what a file says of targets may use those of another.
        var values = new BakeValues(name => variables.GetValueOrDefault(name) ?? session.Context.Environment(name));
        maps.ForEach(values.Take);
        values.Check();
        foreach (var map in maps)
            Take(map, values);
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
            return Map(BakeFile.Write(project, services, new BuildChanges()), file);
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
            return BakeValues.Of(document.RootElement) as MapValue ?? throw new CommandException($"failed to parse {file}: it is no object");
        }
        catch (JsonException error)
        {
            throw new CommandException($"failed to parse {file}: {error.Message}");
        }
    }

    private static Dictionary<string, string> EnvironmentVariables() => Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
        .ToDictionary(static entry => (string)entry.Key, static entry => (string?)entry.Value ?? "");

    private void Take(MapValue map, BakeValues values)
    {
        foreach (var (kind, all) in ((string, MapValue)[])[("group", _groups), ("target", _targets)])
        {
            foreach (var (name, value) in map.Map(kind)?.Entries ?? [])
            {
                if (value is not MapValue body)
                    throw new CommandException($"{kind} {name} is no object");
                if (body["matrix"] is { } matrix)
                    AddMatrix(name, body, BakeValues.Expand(matrix, values.Scope), values.Scope);
                else
                    Add(all, name, (MapValue)BakeValues.Expand(body, values.Scope));
            }
        }
    }

    /// <summary>A target for each combination of the values of a matrix; the target's own name is the group of them.</summary>
    private void AddMatrix(string name, MapValue body, Value matrix, HclScope scope)
    {
        if (matrix is not MapValue axes || axes.Entries.Any(static axis => axis.Value is not ListValue))
            throw new CommandException($"target {name}: matrix has to be an object of lists");
        if (body["name"] is not { } naming)
            throw new CommandException($"target {name}: a matrix needs a name for each of its targets");
        var template = (MapValue)body.Clone();
        template.Remove("matrix");
        template.Remove("name");
        IEnumerable<HclScope> scopes = [scope];
        foreach (var (variable, list) in axes.Entries)
            scopes = scopes.SelectMany(one => ((ListValue)list).Items.Select(value => one.With(variable, value))).ToList();
        var names = new List<string>();
        foreach (var one in scopes)
        {
            var member = HclOperators.Text(BakeValues.Expand(naming, one));
            if (names.Contains(member))
                throw new CommandException($"target {name}: two targets of its matrix have the name {member}");
            names.Add(member);
            Add(_targets, member, (MapValue)BakeValues.Expand(template, one));
        }
        var group = new MapValue();
        group["targets"] = ListValue.Of(names);
        _groups[name] = group;
    }

    private static void Add(MapValue all, string name, MapValue body) => all[name] = all.Map(name) is { } before ? BakeModel.Merge(before, body) : body;
}
