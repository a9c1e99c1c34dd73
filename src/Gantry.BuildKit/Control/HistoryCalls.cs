using Gantry.Build.History;
using Gantry.BuildKit.Grpc;
using Gantry.BuildKit.Messages;
using Gantry.BuildKit.Protobuf;
using Gantry.Engine.Build;
using Gantry.Oci;

namespace Gantry.BuildKit.Control;

/// <summary>What clients ask about builds that there were: <c>docker buildx history</c>.</summary>
internal sealed class HistoryCalls(BuildService builds)
{
    private const int Started = 0;
    private const int Complete = 1;
    private const int Deleted = 2;

    /// <summary>Tells the records that there are, and, unless the client wants no more, what becomes of builds from then on.</summary>
    public async Task ListenAsync(GrpcCall call)
    {
        var request = HistoryRequest.Parse((await call.ReadOneAsync()).Span);
        await call.BeginAsync();
        using var changes = request.ExitsEarly ? null : builds.History.Follow();
        foreach (var record in builds.History.List()
            .Where(record => (request.Ref.Length == 0 || record.Ref == request.Ref) && (!request.OnlyActive || record.CompletedAt is null)))
            await TellAsync(call, record);
        if (changes is null)
            return;
        await foreach (var record in changes.ReadAllAsync(call.Aborted))
        {
            if (request.Ref.Length == 0 || record.Ref == request.Ref)
                await TellAsync(call, record);
        }
    }

    /// <summary>Removes a record.</summary>
    public async Task UpdateAsync(GrpcCall call)
    {
        var request = HistoryUpdate.Parse((await call.ReadOneAsync()).Span);
        if (request.Deletes && !builds.History.Remove(request.Ref))
            throw GantryException.NotFound($"no such build record: {request.Ref}");
        if (request.Pins)
            throw GantryException.NotImplemented("build records cannot be pinned in this version of Gantry");
        await call.WriteAsync(EmptyMessage.Instance);
    }

    private static Task TellAsync(GrpcCall call, BuildRecord record) => call.WriteAsync(new ProtoWriter()
        .Number(1, record.IsRemoved ? Deleted : record.CompletedAt is null ? Started : Complete).Message(2, new HistoryRecordMessage(record)).Written);
}
