using System.IO.Pipelines;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Gantry.BuildKit.Grpc;

/// <summary>
/// A connection that somebody else accepted, as Kestrel sees it. Not <see cref="DefaultConnectionContext"/>: that one cancels a token on another thread when
/// it is aborted, and ends the process if it was disposed before.
/// </summary>
/// <param name="id">What it is called.</param>
/// <param name="pipe">The connection.</param>
internal sealed class GivenConnection(string id, IDuplexPipe pipe)
    : ConnectionContext, IConnectionIdFeature, IConnectionItemsFeature, IConnectionTransportFeature, IConnectionLifetimeFeature
{
    // Never disposed: whoever holds the token may still register.
    private readonly CancellationTokenSource _closed = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IFeatureCollection? _features;

    /// <summary>Done when Kestrel has left it.</summary>
    public Task Ended => _ended.Task;

    public override string ConnectionId { get; set; } = id;

    public override IFeatureCollection Features => _features ??= Describe();

    public override IDictionary<object, object?> Items { get; set; } = new Dictionary<object, object?>();

    public override IDuplexPipe Transport { get; set; } = pipe;

    public override CancellationToken ConnectionClosed { get => _closed.Token; set => throw new NotSupportedException(); }

    public override void Abort() => End();

    public override void Abort(ConnectionAbortedException abortReason) => End();

    public override ValueTask DisposeAsync()
    {
        _ended.TrySetResult();
        return ValueTask.CompletedTask;
    }

    private void End()
    {
        Transport.Input.CancelPendingRead();
        Transport.Output.CancelPendingFlush();
        _closed.Cancel();
    }

    private FeatureCollection Describe()
    {
        var features = new FeatureCollection();
        features.Set<IConnectionIdFeature>(this);
        features.Set<IConnectionItemsFeature>(this);
        features.Set<IConnectionTransportFeature>(this);
        features.Set<IConnectionLifetimeFeature>(this);
        return features;
    }
}
