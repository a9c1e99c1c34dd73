using System.Text.Json;

namespace Gantry.Oci.Json;

/// <summary>
/// What has to hold of every JSON document that somebody else wrote, and what a serializer does not look at: a list of texts has no null among
/// them, whatever the type says, and no text has a NUL, which the kernel would take for its end.
/// </summary>
public static class ForeignJson
{
    /// <summary>Looks through a document, before it is read into types.</summary>
    /// <param name="document">The document, UTF-8.</param>
    /// <exception cref="JsonException">It is no JSON, nested deeper than 64 levels, or has what it must not have.</exception>
    public static void Verify(ReadOnlySpan<byte> document)
    {
        var reader = new Utf8JsonReader(document);
        ulong arrays = 0; // A bit for each level: whether it is an array. The reader allows 64 of them.
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartArray:
                    arrays |= 1ul << reader.CurrentDepth;
                    break;
                case JsonTokenType.StartObject:
                    arrays &= ~(1ul << reader.CurrentDepth);
                    break;
                case JsonTokenType.Null when reader.CurrentDepth > 0 && (arrays >> (reader.CurrentDepth - 1) & 1) != 0:
                    throw new JsonException("an array holds null");
                case JsonTokenType.String or JsonTokenType.PropertyName when reader.ValueIsEscaped && reader.ValueSpan.IndexOf("u0000"u8) >= 0:
                    RefuseNul(reader);
                    break;
            }
        }
    }

    private static void RefuseNul(Utf8JsonReader reader)
    {
        try
        {
            if (reader.GetString()!.Contains('\0', StringComparison.Ordinal)) throw new JsonException("a text holds a NUL character");
        }
        catch (InvalidOperationException error)
        {
            throw new JsonException("a text is not UTF-8, or half of a surrogate pair", error);
        }
    }
}
