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

    /// <summary>The graph with its result.</summary>
    public byte[] End(string result)
    {
        Add(0, new ProtoWriter(), (result, 0));
        return _definition.Written.ToArray();
    }
}
