using System.Text;
using System.Text.Json;
using Gantry.Build.Dockerfile;
using Gantry.Oci;

namespace Gantry.Build.Calls;

/// <summary>What a Dockerfile is asked besides being built, as docker's <c>--call</c> does.</summary>
/// <param name="Json">The answer as a document, with docker's names.</param>
/// <param name="Text">The answer as it is shown.</param>
/// <param name="ExitCode">The code with which a command that asked ends.</param>
public sealed record CallAnswer(string Json, string Text, int ExitCode = 0)
{
    /// <summary>The version of the documents.</summary>
    public const string Version = "1.0.0";
}

/// <summary>Asks a Dockerfile something.</summary>
public static class FrontendCall
{
    /// <summary>The names of what can be asked, with what it is.</summary>
    private static readonly (string Name, string Description)[] s_known =
    [
        ("outline", "List all parameters current build target supports"), ("targets", "List all targets current build supports"),
        ("lint", "Lint a Dockerfile"), ("subrequests.describe", "List available subrequest types"),
    ];

    /// <summary>Asks.</summary>
    /// <param name="name">What: <c>lint</c>, <c>outline</c>, <c>targets</c> or <c>subrequests.describe</c>.</param>
    /// <param name="build">The build; nothing of it is run.</param>
    /// <param name="cancellation">Gives it up.</param>
    /// <exception cref="GantryException">There is no such question, or the Dockerfile is malformed.</exception>
    public static async Task<CallAnswer> AskAsync(string name, OpenBuild build, CancellationToken cancellation) => name switch
    {
        "lint" => await LintCall.AskAsync(build, cancellation),
        "outline" => OutlineCall.Answer(await build.ReadDocumentAsync(cancellation), build.Options),
        "targets" => TargetsCall.Answer(await build.ReadDocumentAsync(cancellation), build.Options),
        "subrequests.describe" => Describe(),
        _ => throw GantryException.NotImplemented($"unsupported request frontend.{name}"),
    };

    /// <summary>Writes a document as docker's are written.</summary>
    internal static string Write(Action<Utf8JsonWriter> write)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory,
            new JsonWriterOptions { Indented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            write(writer);
        return Encoding.UTF8.GetString(memory.GetBuffer(), 0, (int)memory.Length);
    }

    /// <summary>A place in the file.</summary>
    internal static void WriteLocation(Utf8JsonWriter writer, SourceRange range)
    {
        writer.WriteStartObject("location");
        writer.WriteStartArray("ranges");
        writer.WriteStartObject();
        writer.WriteStartObject("start");
        writer.WriteNumber("line", range.First);
        writer.WriteEndObject();
        writer.WriteStartObject("end");
        writer.WriteNumber("line", range.Last);
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>The texts of rows in columns that are as wide as they have to be.</summary>
    internal static string Table(int gap, IReadOnlyList<string[]> rows)
    {
        var text = new StringBuilder();
        var widths = Enumerable.Range(0, rows[0].Length).Select(column => rows.Max(row => row[column].Length) + gap).ToList();
        foreach (var row in rows)
        {
            for (var column = 0; column < row.Length; column++)
                text.Append(column == row.Length - 1 ? row[column] : row[column].PadRight(widths[column]));
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>What the comment right before an instruction says of a name.</summary>
    internal static string DescriptionOf(Instruction instruction, string name) =>
        instruction.Comments.Count > 0 && instruction.Comments[^1].StartsWith(name + " ", StringComparison.Ordinal)
            ? instruction.Comments[^1][(name.Length + 1)..].Trim() : "";

    private static CallAnswer Describe()
    {
        var json = Write(writer =>
        {
            writer.WriteStartArray();
            foreach (var (name, description) in s_known)
            {
                writer.WriteStartObject();
                writer.WriteString("name", $"frontend.{name}");
                writer.WriteString("version", CallAnswer.Version);
                writer.WriteString("type", "rpc");
                writer.WriteString("description", description);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
        });
        return new CallAnswer(
            json, Table(1, [["NAME", "VERSION", "DESCRIPTION"], .. s_known.Select(call => new[] { call.Name, CallAnswer.Version, call.Description })]));
    }
}
