using System.Text;
using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Cli.Output;
using Gantry.Cli.Session;
using Gantry.Cli.Templates;

namespace Gantry.Cli.Commands.Buildx;

/// <summary>What is known of a build as a document with the members that docker's has.</summary>
internal static class BuildHistoryDocument
{
    private const long NanosecondsPerTick = 100;
    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    /// <summary>Prints it: <c>json</c>, or by a template.</summary>
    /// <exception cref="CommandException">The template is wrong.</exception>
    public static void Print(CommandSession session, BuildHistoryRecord record, string format)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory, s_indented))
            Write(json, record);
        if (format == "json")
        {
            session.Print(Encoding.UTF8.GetString(memory.ToArray()));
            return;
        }
        using var document = JsonDocument.Parse(memory.ToArray());
        var text = new StringBuilder();
        try
        {
            Listing.ParseTemplate(format).Execute(JsonTemplateMap.Wrap(document.RootElement), text);
        }
        catch (TemplateException error)
        {
            throw new CommandException($"failed to execute template: {error.Message}");
        }
        session.Print(text.ToString());
    }

    private static void Write(Utf8JsonWriter json, BuildHistoryRecord record)
    {
        var attributes = record.Attributes ?? new Dictionary<string, string>();
        json.WriteStartObject();
        json.WriteString("Ref", record.Ref);
        json.WriteString("Dockerfile", attributes.GetValueOrDefault("filename", "Dockerfile"));
        WriteText(json, "Target", attributes.GetValueOrDefault("target"));
        if (attributes.GetValueOrDefault("platform") is { Length: > 0 } platforms)
        {
            json.WriteStartArray("Platform");
            foreach (var platform in platforms.Split(','))
                json.WriteStringValue(platform);
            json.WriteEndArray();
        }
        json.WriteString("StartedAt", record.CreatedAt);
        if (record.CompletedAt is { } completed)
            json.WriteString("CompletedAt", completed);
        json.WriteNumber("Duration", ((record.CompletedAt ?? DateTimeOffset.UtcNow) - record.CreatedAt).Ticks * NanosecondsPerTick);
        json.WriteString("Status", BuildHistoryText.StatusOf(record).ToLowerInvariant());
        if (record.Error.Length > 0)
        {
            json.WriteStartObject("Error");
            json.WriteString("Message", record.Error);
            json.WriteEndObject();
        }
        json.WriteNumber("NumCompletedSteps", record.CompletedSteps);
        json.WriteNumber("NumTotalSteps", record.TotalSteps);
        json.WriteNumber("NumCachedSteps", record.CachedSteps);
        WritePairs(json, "BuildArgs", attributes, "build-arg:");
        WritePairs(json, "Labels", attributes, "label:");
        json.WriteStartObject("Config");
        if (attributes.ContainsKey("no-cache"))
            json.WriteBoolean("NoCache", true);
        json.WriteEndObject();
        WriteText(json, "Digest", record.Response?.GetValueOrDefault("containerimage.digest"));
        json.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter json, string name, string? value)
    {
        if (value is { Length: > 0 })
            json.WriteString(name, value);
    }

    private static void WritePairs(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> attributes, string prefix)
    {
        var pairs = attributes.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(static pair => pair.Key, StringComparer.Ordinal)
            .ToList();
        if (pairs.Count == 0)
            return;
        json.WriteStartArray(name);
        foreach (var (key, value) in pairs)
        {
            json.WriteStartObject();
            json.WriteString("Name", key[prefix.Length..]);
            json.WriteString("Value", value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
