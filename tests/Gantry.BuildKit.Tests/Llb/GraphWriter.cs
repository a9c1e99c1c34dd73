using System.Security.Cryptography;
using Gantry.BuildKit.Protobuf;

namespace Gantry.BuildKit.Tests.Llb;

/// <summary>Writes graphs as clients do.</summary>
internal sealed class GraphWriter
{
    private readonly ProtoWriter _definition = new();

    /// <summary>Adds an operation; returns its digest.</summary>
    public string Add(int kind, ProtoWriter body, params (string Digest, long Index)[] inputs)
    {
        var operation = new ProtoWriter();
        foreach (var (digest, index) in inputs)
            operation.Block(1, new ProtoWriter().Text(1, digest).Number(2, index).Written.Span);
        if (kind > 0)
            operation.Block(kind, body.Written.Span);
        _definition.Block(1, operation.Written.Span);
        return $"sha256:{Convert.ToHexStringLower(SHA256.HashData(operation.Written.Span))}";
    }

    /// <summary>Adds a source; returns its digest.</summary>
    public string Source(string identifier) => Add(3, new ProtoWriter().Text(1, identifier));

    /// <summary>Adds an operation on files; returns its digest.</summary>
    public string Files(ProtoWriter[] actions, params (string Digest, long Index)[] inputs)
    {
        var body = new ProtoWriter();
        foreach (var action in actions)
            body.Block(2, action.Written.Span);
        return Add(4, body, inputs);
    }

    /// <summary>Layers on top of each other, or the difference of two; -1 is no files.</summary>
    public string Stack(int kind, (long Lower, long Upper) numbers, params (string Digest, long Index)[] inputs)
    {
        var upper = new ProtoWriter().Number(1, numbers.Upper).Written;
        var body = new ProtoWriter().Block(1, new ProtoWriter().Number(1, numbers.Lower).Written.Span).Block(kind == 7 ? 2 : 1, upper.Span);
        return Add(kind, body, inputs);
    }

    /// <summary>A change of files as clients say it: of what, with what from where, and which result it makes.</summary>
    public static ProtoWriter Action(long input, long second, long output, int kind, ProtoWriter body) =>
        new ProtoWriter().Number(1, input).Number(2, second).Number(3, output).Block(kind, body.Written.Span);

    /// <summary><c>pb.FileActionCopy</c> as clients send it.</summary>
    public static ProtoWriter Copy(string source, string destination, long time = -1) =>
        new ProtoWriter().Text(1, source).Text(2, destination).Number(4, -1).Number(11, time);

    /// <summary><c>pb.FileActionMkFile</c>.</summary>
    public static ProtoWriter MakeFile(string path, string content, long time = -1) =>
        new ProtoWriter().Text(1, path).Number(2, 0x1a4).Text(3, content).Number(5, time);

    /// <summary><c>pb.FileActionMkDir</c>.</summary>
    public static ProtoWriter MakeFolder(string path, bool parents = false, long time = -1) =>
        new ProtoWriter().Text(1, path).Number(2, 0x1ed).Flag(3, parents).Number(5, time);

    /// <summary>The graph with its result.</summary>
    public byte[] End(string result, long index = 0)
    {
        Add(0, new ProtoWriter(), (result, index));
        return _definition.Written.ToArray();
    }
}
