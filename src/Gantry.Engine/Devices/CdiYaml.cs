using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Gantry.Oci;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Gantry.Engine.Devices;

/// <summary>
/// Turns a description in YAML into JSON. Scalars become texts, since only who knows the field can tell what a number is; octal ones are written as
/// decimals, and nothing (<c>null</c>) stays nothing. References to anchors are not taken: no tool that writes descriptions makes any.
/// </summary>
internal static class CdiYaml
{
    /// <summary>Does it.</summary>
    /// <exception cref="GantryException">It is no YAML, or refers to an anchor.</exception>
    public static ReadOnlyMemory<byte> ToJson(string text)
    {
        var json = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(json);
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            parser.Consume<DocumentStart>();
            Write(parser, writer);
            parser.Consume<DocumentEnd>();
        }
        catch (Exception error) when (error is YamlException or InvalidOperationException)
        {
            // The latter is what YamlDotNet throws for some malformed flow mappings, and the writer for what is nested too deep.
            throw GantryException.Invalid($"yaml: {error.Message}", error);
        }
        writer.Flush();
        return json.WrittenMemory;
    }

    private static void Write(Parser parser, Utf8JsonWriter writer)
    {
        if (parser.TryConsume<MappingStart>(out _))
        {
            writer.WriteStartObject();
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                writer.WritePropertyName(parser.Consume<Scalar>().Value);
                Write(parser, writer);
            }
            writer.WriteEndObject();
        }
        else if (parser.TryConsume<SequenceStart>(out _))
        {
            writer.WriteStartArray();
            while (!parser.TryConsume<SequenceEnd>(out _))
                Write(parser, writer);
            writer.WriteEndArray();
        }
        else
        {
            Write(parser.Consume<Scalar>(), writer);
        }
    }

    private static void Write(Scalar scalar, Utf8JsonWriter writer)
    {
        if (scalar.Style != ScalarStyle.Plain)
            writer.WriteStringValue(scalar.Value);
        else if (scalar.Value is "" or "~" or "null")
            writer.WriteNullValue();
        else
            writer.WriteStringValue(scalar.Value is ['0', _, ..] && scalar.Value.All(static letter => letter is >= '0' and <= '7')
                ? Convert.ToInt64(scalar.Value, 8).ToString(CultureInfo.InvariantCulture)
                : scalar.Value);
    }
}
