using System.Text.Json;
using System.Text.Json.Serialization;

namespace Gantry.Api.Model;

/// <summary>A command line: an array of strings, or (from hand-written requests) one string that is the only element.</summary>
public sealed class StringOrListConverter : JsonConverter<StringOrList>
{
    /// <inheritdoc/>
    public override StringOrList? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.String) return [reader.GetString()!];
        if (reader.TokenType != JsonTokenType.StartArray) throw new JsonException("a string or an array of strings is expected");
        var words = new List<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            words.Add(reader.TokenType switch
            {
                JsonTokenType.String => reader.GetString()!,
                JsonTokenType.Null => "",
                _ => throw new JsonException("an array of strings is expected"),
            });
        }
        return StringOrList.Of(words);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, StringOrList value, JsonSerializerOptions options)
    {
        writer.WriteStartArray();
        foreach (var word in value) writer.WriteStringValue(word);
        writer.WriteEndArray();
    }
}
