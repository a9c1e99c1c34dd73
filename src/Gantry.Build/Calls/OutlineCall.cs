using System.Globalization;
using System.Text;
using System.Text.Json;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Oci;

namespace Gantry.Build.Calls;

/// <summary>What can be given to a build of a target: arguments, secrets and agents that it and what it stands on use. <c>--call=outline</c>.</summary>
internal sealed class OutlineCall
{
    private readonly DockerfileDocument _document;
    private readonly FrontendOptions _options;
    private readonly List<Argument> _arguments = [];
    private readonly List<Lent> _secrets = [];
    private readonly List<Lent> _agents = [];

    private OutlineCall(DockerfileDocument document, FrontendOptions options) => (_document, _options) = (document, options);

    public static CallAnswer Answer(DockerfileDocument document, FrontendOptions options)
    {
        var target = string.IsNullOrEmpty(options.Target) ? document.Stages[^1]
            : document.Stages.LastOrDefault(stage => string.Equals(stage.From.Alias, options.Target, StringComparison.OrdinalIgnoreCase))
                ?? throw GantryException.Invalid($"target stage \"{options.Target}\" could not be found");
        var outline = new OutlineCall(document, options);
        var used = new HashSet<BuildStage>();
        outline.Follow(target, used);
        foreach (var stage in document.Stages.Where(used.Contains))
            outline.Take(stage);
        return new CallAnswer(outline.Json(target), outline.Text(target));
    }

    private void Follow(BuildStage stage, HashSet<BuildStage> used)
    {
        var pending = new Stack<BuildStage>([stage]);
        while (pending.TryPop(out var next))
        {
            if (!used.Add(next))
                continue;
            foreach (var name in NamesOf(next))
            {
                if (_document.Stages.LastOrDefault(other =>
                    other.Index < next.Index && string.Equals(other.From.Alias, name, StringComparison.OrdinalIgnoreCase)) is { } below)
                    pending.Push(below);
            }
        }
    }

    private static IEnumerable<string> NamesOf(BuildStage stage) => stage.Instructions.OfType<CopyInstruction>().Select(copy => copy.From).OfType<string>()
        .Concat(stage.Instructions.OfType<RunInstruction>().SelectMany(run => run.Mounts).Select(mount => Fields(mount).GetValueOrDefault("from"))
            .OfType<string>())
        .Prepend(stage.From.Image);

    private void Take(BuildStage stage)
    {
        foreach (var global in _document.GlobalArguments.Where(global => global.Arguments.Any(argument => Uses(stage, argument.Name))))
            Take(global);
        foreach (var instruction in stage.Instructions)
        {
            if (instruction is ArgInstruction argument)
                Take(argument);
            else if (instruction is RunInstruction run)
                Take(run);
        }
    }

    /// <summary>A global argument counts for a stage that declares it, or whose base is named by it.</summary>
    private static bool Uses(BuildStage stage, string name) =>
        stage.From.Image.Contains($"${name}", StringComparison.Ordinal) || stage.From.Image.Contains($"${{{name}", StringComparison.Ordinal)
        || stage.Instructions.OfType<ArgInstruction>().Any(instruction => instruction.Arguments.Any(argument => argument.Name == name));

    private void Take(ArgInstruction instruction)
    {
        foreach (var argument in instruction.Arguments.Where(argument => !_arguments.Exists(known => known.Name == argument.Name)))
        {
            var value = _options.Arguments.GetValueOrDefault(argument.Name, argument.Default?.Trim('"', '\'') ?? "");
            _arguments.Add(new Argument(argument.Name, FrontendCall.DescriptionOf(instruction, argument.Name), value, instruction.Range));
        }
    }

    private void Take(RunInstruction run)
    {
        foreach (var fields in run.Mounts.Select(Fields))
        {
            var list = fields.GetValueOrDefault("type") switch { "secret" => _secrets, "ssh" => _agents, _ => null };
            var name = fields.GetValueOrDefault("id")
                ?? (list == _agents ? "default" : Path.GetFileName(fields.GetValueOrDefault("target") ?? fields.GetValueOrDefault("dst") ?? ""));
            var isRequired = fields.GetValueOrDefault("required") is "" or "true" or "1";
            if (list is not null && !list.Exists(known => known.Name == name))
                list.Add(new Lent(name, isRequired, run.Range));
        }
    }

    private static Dictionary<string, string> Fields(string mount)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in mount.Split(','))
        {
            var parts = field.Split('=', 2);
            fields[parts[0].Trim()] = parts.Length > 1 ? parts[1] : "";
        }
        return fields;
    }

    private string Json(BuildStage target) => FrontendCall.Write(writer =>
    {
        writer.WriteStartObject();
        if (target.From.Alias is { } name)
            writer.WriteString("name", name);
        if (Description(target) is { Length: > 0 } description)
            writer.WriteString("description", description);
        if (_arguments.Count > 0)
        {
            writer.WriteStartArray("args");
            foreach (var argument in _arguments)
            {
                writer.WriteStartObject();
                writer.WriteString("name", argument.Name);
                if (argument.Description.Length > 0)
                    writer.WriteString("description", argument.Description);
                if (argument.Value.Length > 0)
                    writer.WriteString("value", argument.Value);
                FrontendCall.WriteLocation(writer, argument.Range);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        }
        Write(writer, "secrets", _secrets);
        Write(writer, "ssh", _agents);
        writer.WriteStartArray("sources");
        writer.WriteBase64StringValue(Encoding.UTF8.GetBytes(_document.File.Text));
        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, string name, List<Lent> all)
    {
        if (all.Count == 0)
            return;
        writer.WriteStartArray(name);
        foreach (var lent in all)
        {
            writer.WriteStartObject();
            writer.WriteString("name", lent.Name);
            if (lent.IsRequired)
                writer.WriteBoolean("required", true);
            FrontendCall.WriteLocation(writer, lent.Range);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private string Text(BuildStage target)
    {
        var text = new StringBuilder();
        if (target.From.Alias is { } name)
            text.Append(CultureInfo.InvariantCulture, $"TARGET:      {name}\n");
        if (Description(target) is { Length: > 0 } description)
            text.Append(CultureInfo.InvariantCulture, $"DESCRIPTION: {description}\n");
        if (text.Length > 0)
            text.Append('\n');
        const int gap = 3;
        if (_arguments.Count > 0)
            text.Append(FrontendCall.Table(gap, [["BUILD ARG", "VALUE", "DESCRIPTION"],
                .. _arguments.Select(argument => new[] { argument.Name, argument.Value, argument.Description })])).Append('\n');
        if (_secrets.Count > 0)
            text.Append(FrontendCall.Table(gap, [["SECRET", "REQUIRED"], .. _secrets.Select(secret => new[] { secret.Name, secret.IsRequired ? "true" : "" })]))
                .Append('\n');
        if (_agents.Count > 0)
            text.Append(FrontendCall.Table(gap, [["SSH", "REQUIRED"], .. _agents.Select(agent => new[] { agent.Name, agent.IsRequired ? "true" : "" })]))
                .Append('\n');
        return text.ToString();
    }

    private static string Description(BuildStage stage) => stage.From.Alias is { } name ? FrontendCall.DescriptionOf(stage.From, name) : "";

    private sealed record Argument(string Name, string Description, string Value, SourceRange Range);

    private sealed record Lent(string Name, bool IsRequired, SourceRange Range);
}
