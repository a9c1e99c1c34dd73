using Gantry.BuildKit.Protobuf;

namespace Gantry.BuildKit.Messages;

/// <summary>An exporter: what becomes of a build.</summary>
internal sealed record Exporter(string Type, IReadOnlyDictionary<string, string> Attributes) : IProtoMessage
{
    public static Exporter Parse(ReadOnlySpan<byte> bytes)
    {
        var (type, attributes) = ("", new Dictionary<string, string>());
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                type = reader.Text();
            else if (reader.Field == 2)
                Maps.Add(attributes, reader.TextEntry());
            else
                reader.Skip();
        }
        return new Exporter(type, attributes);
    }

    public void Write(ProtoWriter writer) => writer.Text(1, Type).Map(2, Attributes);
}

/// <summary><c>moby.buildkit.v1.SolveRequest</c>: a build.</summary>
internal sealed record SolveRequest
{
    public string Ref { get; private set; } = "";

    public byte[]? Definition { get; private set; }

    public string Session { get; private set; } = "";

    public string Frontend { get; private set; } = "";

    public Dictionary<string, string> FrontendAttributes { get; } = [];

    public Dictionary<string, byte[]> FrontendInputs { get; } = [];

    public List<Exporter> CacheExports { get; } = [];

    public List<Exporter> CacheImports { get; } = [];

    public List<string> Entitlements { get; } = [];

    public bool Internal { get; private set; }

    public bool HasSourcePolicy { get; private set; }

    public List<Exporter> Exporters { get; } = [];

    public static SolveRequest Parse(ReadOnlySpan<byte> bytes)
    {
        var request = new SolveRequest();
        var (oldType, oldAttributes) = ("", new Dictionary<string, string>());
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: request.Ref = reader.Text(); break;
                case 2: request.Definition = reader.Bytes().ToArray(); break;
                case 3: oldType = reader.Text(); break;
                case 4: Maps.Add(oldAttributes, reader.TextEntry()); break;
                case 5: request.Session = reader.Text(); break;
                case 6: request.Frontend = reader.Text(); break;
                case 7: Maps.Add(request.FrontendAttributes, reader.TextEntry()); break;
                case 8: request.TakeCache(reader.Bytes()); break;
                case 9: request.Entitlements.Add(reader.Text()); break;
                case 10: Maps.Add(request.FrontendInputs, reader.Entry()); break;
                case 11: request.Internal = reader.Flag(); break;
                case 12: request.HasSourcePolicy = reader.Bytes().Length > 0; break;
                case 13: request.Exporters.Add(Exporter.Parse(reader.Bytes())); break;
                default: reader.Skip(); break;
            }
        }
        if (request.Exporters.Count == 0 && oldType.Length > 0)
            request.Exporters.Add(new Exporter(oldType, oldAttributes));
        return request;
    }

    private void TakeCache(ReadOnlySpan<byte> bytes)
    {
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 4)
                CacheExports.Add(Exporter.Parse(reader.Bytes()));
            else if (reader.Field == 5)
                CacheImports.Add(Exporter.Parse(reader.Bytes()));
            else
                reader.Skip();
        }
    }
}

/// <summary><c>moby.buildkit.v1.SolveResponse</c>: what became of it.</summary>
internal sealed record SolveResponse(IReadOnlyDictionary<string, string> ExporterResponse) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer.Map(1, ExporterResponse);
}

/// <summary>A message without fields.</summary>
internal sealed record EmptyMessage : IProtoMessage
{
    public static EmptyMessage Instance { get; } = new();

    public void Write(ProtoWriter writer)
    {
    }
}

/// <summary>A message with one text as its first field: requests that name a build, a secret, an agent or a registry.</summary>
internal sealed record TextMessage(string Value) : IProtoMessage
{
    public static TextMessage Parse(ReadOnlySpan<byte> bytes)
    {
        var value = "";
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                value = reader.Text();
            else
                reader.Skip();
        }
        return new TextMessage(value);
    }

    public void Write(ProtoWriter writer) => writer.Text(1, Value);
}

/// <summary>A message with bytes as its first field: parts of streams, and secrets.</summary>
internal sealed record BytesMessage(ReadOnlyMemory<byte> Data) : IProtoMessage
{
    /// <summary>The bytes in a message, not copied.</summary>
    public static ReadOnlyMemory<byte> DataOf(ReadOnlyMemory<byte> message)
    {
        var reader = new ProtoReader(message.Span);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                var data = reader.Bytes();
                // What was read is the last part of what was gone through.
                return data.IsEmpty ? default : Within(message, data);
            }
            reader.Skip();
        }
        return default;
    }

    public void Write(ProtoWriter writer) => writer.Bytes(1, Data.Span);

    private static ReadOnlyMemory<byte> Within(ReadOnlyMemory<byte> whole, ReadOnlySpan<byte> part)
    {
        whole.Span.Overlaps(part, out var offset);
        return whole.Slice(offset, part.Length);
    }
}

/// <summary>Fills maps.</summary>
internal static class Maps
{
    public static void Add<T>(Dictionary<string, T> map, (string Key, T Value) entry) => map[entry.Key] = entry.Value;
}
