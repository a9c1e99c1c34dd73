using Gantry.BuildKit.Protobuf;

namespace Gantry.BuildKit.Messages;

/// <summary><c>moby.buildkit.v1.frontend.SolveRequest</c>: a frontend, or a graph, to be made a result of.</summary>
internal sealed record GatewaySolveRequest
{
    public byte[]? Definition { get; private set; }

    public string Frontend { get; private set; } = "";

    public Dictionary<string, string> Options { get; } = [];

    public Dictionary<string, byte[]> Inputs { get; } = [];

    public bool Evaluate { get; private set; }

    public static GatewaySolveRequest Parse(ReadOnlySpan<byte> bytes)
    {
        var request = new GatewaySolveRequest();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: request.Definition = reader.Bytes().ToArray(); break;
                case 2: request.Frontend = reader.Text(); break;
                case 3: Maps.Add(request.Options, reader.TextEntry()); break;
                case 13: Maps.Add(request.Inputs, reader.Entry()); break;
                case 14: request.Evaluate = reader.Flag(); break;
                default: reader.Skip(); break;
            }
        }
        return request;
    }
}

/// <summary><c>moby.buildkit.v1.frontend.Result</c>: references to results, one or one for each platform, and what is said of them.</summary>
internal sealed record GatewayResult : IProtoMessage
{
    /// <summary>The reference of a build for one platform; empty: nothing.</summary>
    public string Ref { get; private set; } = "";

    /// <summary>The references by platform; null: there is one.</summary>
    public Dictionary<string, string>? Refs { get; private set; }

    public Dictionary<string, byte[]> Metadata { get; } = [];

    public static GatewayResult Of(string reference) => new() { Ref = reference };

    public static GatewayResult Of(Dictionary<string, string> references) => new() { Refs = references };

    public static GatewayResult Parse(ReadOnlySpan<byte> bytes)
    {
        var result = new GatewayResult();
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: result.Ref = reader.Text(); break;
                case 3: result.Ref = TextMessage.Parse(reader.Bytes()).Value; break;
                case 2 or 4: result.TakeRefs(reader.Bytes(), isMessage: reader.Field == 4); break;
                case 10: Maps.Add(result.Metadata, reader.Entry()); break;
                default: reader.Skip(); break;
            }
        }
        return result;
    }

    public void Write(ProtoWriter writer)
    {
        if (Refs is null)
            writer.Message(3, new ReferenceMessage(Ref));
        else
            writer.Block(4, new ProtoWriter().Map(1, Refs.Select(pair => KeyValuePair.Create(pair.Key, new ReferenceMessage(pair.Value)))).Written.Span);
        writer.Map(10, Metadata);
    }

    /// <summary><c>moby.buildkit.v1.frontend.Ref</c>, with a graph that stands for the result when the client gives it to another build.</summary>
    private sealed record ReferenceMessage(string Name) : IProtoMessage
    {
        public void Write(ProtoWriter writer)
        {
            writer.Text(1, Name);
            if (Name.Length > 0)
                writer.Block(2, Llb.ResultGraph.Write(Name).Span);
        }
    }

    private void TakeRefs(ReadOnlySpan<byte> bytes, bool isMessage)
    {
        Refs ??= [];
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field != 1)
            {
                reader.Skip();
                continue;
            }
            var (platform, value) = reader.Entry();
            Refs[platform] = isMessage ? TextMessage.Parse(value).Value : System.Text.Encoding.UTF8.GetString(value);
        }
    }
}

/// <summary><c>moby.buildkit.v1.frontend.SolveResponse</c>.</summary>
internal sealed record GatewaySolveResponse(GatewayResult Result) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer.Message(3, Result);
}

/// <summary><c>google.rpc.Status</c>.</summary>
internal sealed record StatusDetails(int Code, string Message, IReadOnlyList<(string Type, byte[] Value)> Details) : IProtoMessage
{
    public static StatusDetails Parse(ReadOnlySpan<byte> bytes)
    {
        var (code, message, details) = (0, "", new List<(string, byte[])>());
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: code = (int)reader.Number(); break;
                case 2: message = reader.Text(); break;
                // An Any has its fields as the entry of a map has.
                case 3: details.Add(reader.Entry()); break;
                default: reader.Skip(); break;
            }
        }
        return new StatusDetails(code, message, details);
    }

    public void Write(ProtoWriter writer)
    {
        writer.Number(1, Code).Text(2, Message);
        foreach (var (type, value) in Details)
            writer.Block(3, new ProtoWriter().Text(1, type).Bytes(2, value).Written.Span);
    }
}

/// <summary><c>moby.buildkit.v1.frontend.ReturnRequest</c>: how a client's build function ended.</summary>
internal sealed record ReturnRequest(GatewayResult? Result, StatusDetails? Error)
{
    public static ReturnRequest Parse(ReadOnlySpan<byte> bytes)
    {
        GatewayResult? result = null;
        StatusDetails? error = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            if (reader.Field == 1)
                result = GatewayResult.Parse(reader.Bytes());
            else if (reader.Field == 2)
                error = StatusDetails.Parse(reader.Bytes());
            else
                reader.Skip();
        }
        return new ReturnRequest(result, error);
    }
}

/// <summary>Requests of the gateway for files of a result: <c>ReadFile</c>, <c>ReadDir</c> and <c>StatFile</c>.</summary>
internal sealed record FileRequest(string Ref, string Path, string Pattern, long Offset, long Length)
{
    public static FileRequest Parse(ReadOnlySpan<byte> bytes)
    {
        var (reference, path, pattern, offset, length) = ("", "", "", 0L, 0L);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reference = reader.Text(); break;
                case 2: path = reader.Text(); break;
                case 3:
                    var third = reader.Bytes();
                    pattern = System.Text.Encoding.UTF8.GetString(third);
                    (offset, length) = Range(third);
                    break;
                default: reader.Skip(); break;
            }
        }
        return new FileRequest(reference, path, pattern, offset, length);
    }

    /// <summary>The third field is a range for ReadFile, a pattern for ReadDir.</summary>
    private static (long Offset, long Length) Range(ReadOnlySpan<byte> bytes)
    {
        try
        {
            var (offset, length) = (0L, 0L);
            var reader = new ProtoReader(bytes);
            while (reader.Next())
            {
                if (reader.Field == 1)
                    offset = reader.Number();
                else if (reader.Field == 2)
                    length = reader.Number();
                else
                    reader.Skip();
            }
            return (offset, length);
        }
        catch (InvalidDataException)
        {
            return (0, 0);
        }
    }
}

/// <summary><c>moby.buildkit.v1.frontend.ResolveImageConfigRequest</c>.</summary>
internal sealed record ImageConfigRequest(string Ref, Oci.Images.Platform? Platform, string Mode)
{
    public static ImageConfigRequest Parse(ReadOnlySpan<byte> bytes)
    {
        var (reference, mode) = ("", "");
        Oci.Images.Platform? platform = null;
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reference = reader.Text(); break;
                case 2: platform = PlatformMessage.Parse(reader.Bytes()); break;
                case 3: mode = reader.Text(); break;
                default: reader.Skip(); break;
            }
        }
        return new ImageConfigRequest(reference, platform, mode);
    }
}

/// <summary><c>moby.buildkit.v1.frontend.ResolveImageConfigResponse</c>.</summary>
internal sealed record ImageConfigResponse(string Digest, ReadOnlyMemory<byte> Config, string Ref) : IProtoMessage
{
    public void Write(ProtoWriter writer) => writer.Text(1, Digest).Bytes(2, Config.Span).Text(3, Ref);
}

/// <summary><c>moby.buildkit.v1.frontend.WarnRequest</c>.</summary>
internal sealed record WarnRequest(string Digest, int Level, byte[] Short)
{
    public static WarnRequest Parse(ReadOnlySpan<byte> bytes)
    {
        var (digest, level, text) = ("", 0, Array.Empty<byte>());
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: digest = reader.Text(); break;
                case 2: level = (int)reader.Number(); break;
                case 3: text = reader.Bytes().ToArray(); break;
                default: reader.Skip(); break;
            }
        }
        return new WarnRequest(digest, level, text);
    }
}
