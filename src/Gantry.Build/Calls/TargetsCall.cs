using System.Text;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Compile;

namespace Gantry.Build.Calls;

/// <summary>The stages of a Dockerfile: <c>--call=targets</c>.</summary>
internal static class TargetsCall
{
    public static CallAnswer Answer(DockerfileDocument document, FrontendOptions options)
    {
        var target = options.Target is { Length: > 0 } given ? given : document.Stages[^1].From.Alias;
        bool IsDefault(BuildStage stage) => target is null ? stage == document.Stages[^1] : stage.From.Alias == target.ToLowerInvariant();
        var listed = document.Stages.Where(stage => stage.From.Alias is not null || stage == document.Stages[^1]).ToList();
        var json = FrontendCall.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("targets");
            foreach (var stage in listed)
            {
                writer.WriteStartObject();
                if (stage.From.Alias is { } name)
                    writer.WriteString("name", name);
                if (IsDefault(stage))
                    writer.WriteBoolean("default", true);
                if (Description(stage) is { Length: > 0 } description)
                    writer.WriteString("description", description);
                writer.WriteString("base", stage.From.Image);
                if (stage.From.Platform is { } platform)
                    writer.WriteString("platform", platform);
                FrontendCall.WriteLocation(writer, stage.From.Range);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteStartArray("sources");
            writer.WriteBase64StringValue(Encoding.UTF8.GetBytes(document.File.Text));
            writer.WriteEndArray();
            writer.WriteEndObject();
        });
        var rows = listed.Select(stage => new[] { Title(stage.From.Alias, IsDefault(stage)), Description(stage) });
        return new CallAnswer(json, FrontendCall.Table(1, [["TARGET", "DESCRIPTION"], .. rows]));
    }

    private static string Title(string? name, bool isDefault) => isDefault ? $"{name} (default)".TrimStart() : name ?? "";

    private static string Description(BuildStage stage) => stage.From.Alias is { } name ? FrontendCall.DescriptionOf(stage.From, name) : "";
}
