using System.IO.Pipelines;
using System.Net.Sockets;
using Gantry.Engine.Containers;
using Gantry.Engine.Logs;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Attach;

/// <summary>One client attached to a container, from before the answer's head is sent to the end of the stream.</summary>
public sealed class AttachSession : IAsyncDisposable
{
    private readonly Container _container;
    private readonly AttachOptions _options;
    private readonly LogService _logs;
    private readonly Action _onDetach;
    private readonly StreamBridge? _bridge;
    private AttachEnd? _keeperEnd;

    internal AttachSession(Container container, AttachOptions options, LogService logs, Action onDetach)
    {
        _container = container;
        _options = options;
        _logs = logs;
        _onDetach = onDetach;
        // Looked at also where nobody can type them.
        var given = DetachKeys.Parse(options.DetachKeys);
        var keys = Terminal && options.Stdin ? given : null;
        if (!options.Stream)
            return;
        var (own, keeper) = AttachSockets.CreatePair();
        _bridge = new StreamBridge(own, keys);
        _keeperEnd = new AttachEnd(keeper, options.Stdin && container.Config.OpenStdin, options.Stdout, options.Stderr);
    }

    /// <summary>Whether the container has a terminal: then the stream is raw, else in docker's frames.</summary>
    public bool Terminal => _container.Config.Tty;

    /// <summary>Streams until the container has ended, the client is gone, or it detached.</summary>
    public async Task RunAsync(IDuplexPipe client, CancellationToken cancellation)
    {
        if (_options.Logs)
        {
            var query = new LogQuery { Stdout = _options.Stdout, Stderr = _options.Stderr };
            await _logs.WriteAsync(_container, query, client.Output, cancellation);
        }

        if (_bridge is not null && await _bridge.RunAsync(client, cancellation))
            _onDetach();
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        lock (_container.Waiting)
            _container.Waiting.Remove(this);
        TakeKeeperEnd()?.Socket.Dispose();
        _bridge?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>The end of the socket that goes to the keeper; null when it was taken.</summary>
    internal AttachEnd? TakeKeeperEnd() => Interlocked.Exchange(ref _keeperEnd, null);
}
