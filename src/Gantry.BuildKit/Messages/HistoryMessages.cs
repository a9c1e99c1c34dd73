using Gantry.Build.History;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Protobuf;

namespace Gantry.BuildKit.Messages;

/// <summary><c>moby.buildkit.v1.BuildHistoryRequest</c>.</summary>
internal sealed record HistoryRequest(bool OnlyActive, string Ref, bool ExitsEarly)
{
    public static HistoryRequest Parse(ReadOnlySpan<byte> bytes)
    {
        var (active, reference, early) = (false, "", false);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: active = reader.Flag(); break;
                case 2: reference = reader.Text(); break;
                case 3: early = reader.Flag(); break;
                default: reader.Skip(); break;
            }
        }
        return new HistoryRequest(active, reference, early);
    }
}

/// <summary><c>moby.buildkit.v1.UpdateBuildHistoryRequest</c>.</summary>
internal sealed record HistoryUpdate(string Ref, bool Pins, bool Deletes)
{
    public static HistoryUpdate Parse(ReadOnlySpan<byte> bytes)
    {
        var (reference, pins, deletes) = ("", false, false);
        var reader = new ProtoReader(bytes);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: reference = reader.Text(); break;
                case 2: pins = reader.Flag(); break;
                case 3: deletes = reader.Flag(); break;
                default: reader.Skip(); break;
            }
        }
        return new HistoryUpdate(reference, pins, deletes);
    }
}

/// <summary><c>moby.buildkit.v1.BuildHistoryRecord</c>.</summary>
internal sealed record HistoryRecordMessage(BuildRecord Record) : IProtoMessage
{
    public void Write(ProtoWriter writer)
    {
        writer.Text(1, Record.Ref).Text(2, Record.Frontend).Map(3, Record.FrontendAttributes);
        if (Record.Error.Length > 0)
            writer.Block(5, new ProtoWriter().Number(1, (long)GrpcCode.Unknown).Text(2, Record.Error).Written.Span);
        writer.Time(6, Record.CreatedAt).Time(7, Record.CompletedAt).Map(9, Record.Response)
            .Number(15, Record.CachedSteps).Number(16, Record.TotalSteps).Number(17, Record.CompletedSteps).Number(19, Record.Warnings);
    }
}
