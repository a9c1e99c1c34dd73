using Gantry.Build.Progress;
using Gantry.BuildKit.Protobuf;

namespace Gantry.BuildKit.Messages;

/// <summary><c>moby.buildkit.v1.StatusResponse</c>: a step of progress.</summary>
internal sealed record StatusMessage(BuildStatus Status) : IProtoMessage
{
    public void Write(ProtoWriter writer)
    {
        foreach (var vertex in Status.Vertexes ?? [])
            writer.Message(1, new VertexMessage(vertex));
        foreach (var part in Status.Statuses ?? [])
            writer.Message(2, new PartMessage(part));
        foreach (var log in Status.Logs ?? [])
            writer.Message(3, new LogMessage(log));
        foreach (var warning in Status.Warnings ?? [])
            writer.Message(4, new WarningMessage(warning));
    }

    private sealed record VertexMessage(StatusVertex Vertex) : IProtoMessage
    {
        public void Write(ProtoWriter writer) => writer
            .Text(1, Vertex.Digest).Texts(2, Vertex.Inputs).Text(3, Vertex.Name).Flag(4, Vertex.Cached).Time(5, Vertex.Started).Time(6, Vertex.Completed)
            .Text(7, Vertex.Error);
    }

    private sealed record PartMessage(StatusPart Part) : IProtoMessage
    {
        public void Write(ProtoWriter writer) => writer
            .Text(1, Part.Id).Text(2, Part.Vertex).Text(3, Part.Name).Number(4, Part.Current).Number(5, Part.Total).Time(6, Part.Timestamp)
            .Time(7, Part.Started).Time(8, Part.Completed);
    }

    private sealed record LogMessage(StatusLog Log) : IProtoMessage
    {
        public void Write(ProtoWriter writer) => writer.Text(1, Log.Vertex).Time(2, Log.Timestamp).Number(3, Log.Stream).Bytes(4, Log.Data);
    }

    private sealed record WarningMessage(StatusWarning Warning) : IProtoMessage
    {
        public void Write(ProtoWriter writer)
        {
            writer.Text(1, Warning.Vertex).Number(2, Warning.Level).Bytes(3, Warning.Short);
            foreach (var line in Warning.Detail ?? [])
                writer.Block(4, line);
            writer.Text(5, Warning.Url);
            if (Warning.Source is { } source)
                writer.Block(6, new ProtoWriter().Text(1, source.Name).Bytes(2, source.Data).Text(4, source.Language).Written.Span);
            foreach (var range in Warning.Ranges ?? [])
                writer.Block(7, new ProtoWriter().Block(1, Position(range.Start)).Block(2, Position(range.End)).Written.Span);
        }

        private static ReadOnlySpan<byte> Position(StatusPosition position) => new ProtoWriter().Number(1, position.Line).Written.Span;
    }
}
