using System.Globalization;
using System.Text;
using Gantry.Build.Dockerfile;
using Gantry.Build.Dockerfile.Lint;

namespace Gantry.Build.Calls;

/// <summary>What is doubtful or wrong in a Dockerfile: <c>--check</c>.</summary>
internal static class LintCall
{
    public static async Task<CallAnswer> AskAsync(OpenBuild build, CancellationToken cancellation)
    {
        DockerfileException? failure = null;
        try
        {
            await build.CheckAsync(cancellation);
        }
        catch (DockerfileException error)
        {
            failure = error;
        }
        var warnings = build.Lint?.Warnings ?? [];
        var file = failure?.File ?? build.Document!.File;
        return new CallAnswer(Json(warnings, file, failure), Text(warnings, file, failure), warnings.Count > 0 || failure is not null ? 1 : 0);
    }

    private static string Json(IReadOnlyList<LintWarning> warnings, SourceFile file, DockerfileException? failure) => FrontendCall.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("warnings");
        foreach (var warning in warnings)
        {
            writer.WriteStartObject();
            writer.WriteString("ruleName", warning.Rule.Name);
            writer.WriteString("description", warning.Rule.Description);
            writer.WriteString("url", warning.Rule.Url);
            writer.WriteString("detail", warning.Message);
            FrontendCall.WriteLocation(writer, warning.Range);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("sources");
        writer.WriteStartObject();
        writer.WriteString("filename", file.Name);
        writer.WriteString("language", "Dockerfile");
        writer.WriteBase64String("data", Encoding.UTF8.GetBytes(file.Text));
        writer.WriteEndObject();
        writer.WriteEndArray();
        if (failure is not null)
        {
            writer.WriteStartObject("buildError");
            writer.WriteString("message", failure.Message);
            FrontendCall.WriteLocation(writer, failure.Range);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    });

    private static string Text(IReadOnlyList<LintWarning> warnings, SourceFile file, DockerfileException? failure)
    {
        var text = new StringBuilder();
        if (failure is null)
        {
            text.Append(warnings.Count switch
            {
                0 => "Check complete, no warnings found.\n",
                1 => "Check complete, 1 warning has been found!\n",
                _ => string.Create(CultureInfo.InvariantCulture, $"Check complete, {warnings.Count} warnings have been found!\n"),
            });
        }
        foreach (var warning in warnings)
            text.Append(CultureInfo.InvariantCulture,
                $"\nWARNING: {warning.Rule.Name} - {warning.Rule.Url}\n{warning.Message}\n{file.Excerpt(warning.Range)}\n");
        if (failure is not null)
            text.Append(CultureInfo.InvariantCulture, $"ERROR: {failure.Message}\n{failure.Excerpt}\n");
        return text.ToString();
    }
}
