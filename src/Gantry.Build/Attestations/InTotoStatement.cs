using System.Text.Json;
using Gantry.Oci.Images;

namespace Gantry.Build.Attestations;

/// <summary>What a statement is about.</summary>
/// <param name="Name">What it is called: an image's package URL, a file's path.</param>
/// <param name="Digest">What it is.</param>
internal readonly record struct StatementSubject(string Name, Digest Digest);

/// <summary>What is said: the type of a predicate, what it is called as a file, and what writes it.</summary>
/// <param name="Type">The predicate's type.</param>
/// <param name="FileName">Its name among the files of an output.</param>
/// <param name="Write">Writes the predicate as a JSON value.</param>
internal readonly record struct StatementPredicate(string Type, string FileName, Action<Utf8JsonWriter> Write);

/// <summary>Writes statements of in-toto (in-toto.io/Statement, version 0.1).</summary>
internal static class InTotoStatement
{
    /// <summary>Writes one.</summary>
    /// <param name="subjects">What it is about.</param>
    /// <param name="predicate">What is said.</param>
    /// <param name="indented">Whether people read it.</param>
    public static byte[] Create(IEnumerable<StatementSubject> subjects, StatementPredicate predicate, bool indented)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory, new JsonWriterOptions { Indented = indented }))
        {
            json.WriteStartObject();
            json.WriteString("_type", "https://in-toto.io/Statement/v0.1");
            json.WriteString("predicateType", predicate.Type);
            json.WriteStartArray("subject");
            foreach (var subject in subjects)
            {
                json.WriteStartObject();
                json.WriteString("name", subject.Name);
                json.WriteStartObject("digest");
                json.WriteString(subject.Digest.Algorithm, subject.Digest.Hex);
                json.WriteEndObject();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WritePropertyName("predicate");
            predicate.Write(json);
            json.WriteEndObject();
        }
        return memory.ToArray();
    }
}
