using Gantry.BuildKit.Protobuf;

namespace Gantry.BuildKit.Tests.Control;

/// <summary>A request that is put together field by field.</summary>
internal sealed class Request : IProtoMessage
{
    private readonly ProtoWriter _writer = new();

    public Request Text(int field, string value) => Then(() => _writer.Text(field, value));

    public Request Flag(int field, bool value) => Then(() => _writer.Flag(field, value));

    public Request Bytes(int field, byte[] value) => Then(() => _writer.Bytes(field, value));

    public Request Message(int field, IProtoMessage value) => Then(() => _writer.Message(field, value));

    public Request Map(int field, IEnumerable<KeyValuePair<string, string>> values) => Then(() => _writer.Map(field, values));

    public Request Map(int field, IEnumerable<KeyValuePair<string, byte[]>> values) => Then(() => _writer.Map(field, values));

    /// <summary>The frontend and its attributes have other numbers in the gateway's request than in the controller's.</summary>
    public Request Shift()
    {
        var shifted = new Request();
        var reader = new ProtoReader(_writer.Written.Span);
        while (reader.Next())
        {
            var bytes = reader.Bytes().ToArray();
            shifted._writer.Block(reader.Field switch { 6 => 2, 7 => 3, var other => other }, bytes);
        }
        return shifted;
    }

    public void Write(ProtoWriter writer)
    {
        var reader = new ProtoReader(_writer.Written.Span);
        while (reader.Next())
        {
            if (reader.Field is 2 or 11 && TryNumber(ref reader, out var number))
                writer.Number(reader.Field, number);
            else
                writer.Block(reader.Field, reader.Bytes());
        }
    }

    private static bool TryNumber(ref ProtoReader reader, out long number)
    {
        try
        {
            number = reader.Number();
            return true;
        }
        catch (InvalidDataException)
        {
            number = 0;
            return false;
        }
    }

    private Request Then(Action write)
    {
        write();
        return this;
    }
}
