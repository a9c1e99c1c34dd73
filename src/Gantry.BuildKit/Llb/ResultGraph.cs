using System.Security.Cryptography;
using Gantry.BuildKit.Protobuf;

namespace Gantry.BuildKit.Llb;

/// <summary>
/// Graphs that stand for results of builds here: one source, with the result's name. A client takes such a graph from one build and gives it to another,
/// as <c>buildx bake</c> does with targets that build upon each other, and need not know what is in it.
/// </summary>
internal static class ResultGraph
{
    /// <summary>The scheme of the source.</summary>
    public const string Scheme = "gantry-result";

    /// <summary>The graph of a result: a <c>pb.Definition</c>.</summary>
    public static ReadOnlyMemory<byte> Write(string name)
    {
        var source = new ProtoWriter().Block(3, new ProtoWriter().Text(1, $"{Scheme}://{name}").Written.Span).Written;
        var digest = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(source.Span))}";
        var end = new ProtoWriter().Block(1, new ProtoWriter().Text(1, digest).Written.Span).Written;
        // Clients want to be told something beside each operation: what it is called.
        var notes = new ProtoWriter().Map(2, [KeyValuePair.Create("llb.customname", $"[result] {name}")]).Written;
        var entry = new ProtoWriter().Text(1, digest).Bytes(2, notes.Span).Written;
        return new ProtoWriter().Block(1, source.Span).Block(1, end.Span).Block(2, entry.Span).Written;
    }
}
