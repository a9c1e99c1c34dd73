using System.Text;
using System.Text.Json;
using Gantry.Build.Dockerfile;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;
using Gantry.Oci;

namespace Gantry.BuildKit.Grpc;

/// <summary>Makes statuses of errors, as BuildKit's clients know them: an error of a Dockerfile comes with the file and the lines.</summary>
internal static class GrpcFailure
{
    private const string SourceType = "github.com/moby/buildkit/errdefs.Source+json";

    /// <summary>The status of an error.</summary>
    public static GrpcException Of(GantryException error)
    {
        var code = CodeOf(error);
        if (SourceOf(error) is not { File: { } file } located)
            return new GrpcException(code, error.Message, cause: error);
        var status = new StatusDetails((int)code, error.Message, [(SourceType, Source(file, located.Range))]);
        return new GrpcException(code, error.Message, ProtoWriter.Encode(status), error);
    }

    private static DockerfileException? SourceOf(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is DockerfileException { File: not null } located)
                return located;
        }
        return null;
    }

    /// <summary>Only some kinds have codes that clients act upon; the others would show as a word before the message.</summary>
    private static GrpcCode CodeOf(GantryException error) => error.Kind switch
    {
        ErrorKind.NotImplemented => GrpcCode.Unimplemented,
        _ => GrpcCode.Unknown,
    };

    /// <summary><c>errdefs.Source</c> in JSON.</summary>
    private static byte[] Source(SourceFile file, SourceRange range)
    {
        using var memory = new MemoryStream();
        using (var writer = new Utf8JsonWriter(memory))
        {
            writer.WriteStartObject();
            writer.WriteStartObject("info");
            writer.WriteString("filename", file.Name);
            writer.WriteBase64String("data", Encoding.UTF8.GetBytes(file.Text));
            writer.WriteString("language", "Dockerfile");
            writer.WriteEndObject();
            writer.WriteStartArray("ranges");
            writer.WriteStartObject();
            WritePosition(writer, "start", range.First);
            WritePosition(writer, "end", range.Last);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return memory.ToArray();
    }

    private static void WritePosition(Utf8JsonWriter writer, string name, int line)
    {
        writer.WriteStartObject(name);
        writer.WriteNumber("line", line);
        writer.WriteEndObject();
    }
}
