using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;
using Gantry.Oci.Images;

namespace Gantry.BuildKit.Llb;

/// <summary>The kinds of operations, by the numbers of their fields in <c>pb.Op</c>.</summary>
internal enum LlbKind
{
    None = 0,
    Exec = 2,
    Source = 3,
    File = 4,
    Build = 5,
    Merge = 6,
    Diff = 7,
}

/// <summary>An output of an operation that another one stands on.</summary>
internal readonly record struct LlbInput(string Digest, long Index);

/// <summary>An operation of a client's graph: <c>pb.Op</c>.</summary>
internal sealed class LlbOperation
{
    public LlbOperation(byte[] bytes)
    {
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: Inputs.Add(Input(reader.Bytes())); break;
                case >= 2 and <= 7: (Kind, Body) = ((LlbKind)reader.Field, reader.Bytes().ToArray()); break;
                case 10: Platform = PlatformMessage.Parse(reader.Bytes()); break;
                default: reader.Skip(); break;
            }
        }
    }

    public List<LlbInput> Inputs { get; } = [];

    public LlbKind Kind { get; }

    /// <summary>The message of the kind.</summary>
    public byte[] Body { get; } = [];

    public Platform? Platform { get; }

    /// <summary>The identifier and the attributes of a source.</summary>
    public (string Identifier, Dictionary<string, string> Attributes) ReadSource()
    {
        var (identifier, attributes) = ("", new Dictionary<string, string>());
        var reader = new ProtoReader(Body);
        while (reader.Next())
        {
            if (reader.Field == 1)
                identifier = reader.Text();
            else if (reader.Field == 2)
                Maps.Add(attributes, reader.TextEntry());
            else
                reader.Skip();
        }
        return (identifier, attributes);
    }

    /// <summary>The numbers of the inputs of a merge (from the lowest on), or of a diff (the lower and the upper one).</summary>
    public IEnumerable<long> ReadInputs()
    {
        var numbers = new List<(int Field, long Number)>();
        var reader = new ProtoReader(Body);
        while (reader.Next())
        {
            var (field, number) = (reader.Field, 0L);
            var input = new ProtoReader(reader.Bytes());
            while (input.Next())
            {
                if (input.Field == 1)
                    number = input.Number();
                else
                    input.Skip();
            }
            numbers.Add((field, number));
        }
        return numbers.OrderBy(static one => one.Field).Select(static one => one.Number);
    }

    private static LlbInput Input(ReadOnlySpan<byte> bytes)
    {
        var (digest, index) = ("", 0L);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                digest = reader.Text();
            else if (reader.Field == 2)
                index = reader.Number();
            else
                reader.Skip();
        }
        return new LlbInput(digest, index);
    }
}
