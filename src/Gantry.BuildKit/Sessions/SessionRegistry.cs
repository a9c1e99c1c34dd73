using System.Collections.Concurrent;
using Gantry.BuildKit.Grpc;
using Gantry.Oci;

namespace Gantry.BuildKit.Sessions;

/// <summary>The sessions of clients that are open. Safe for use by several threads.</summary>
internal sealed class SessionRegistry
{
    /// <summary>A build may be asked for before its session is there.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<ClientSession>> _sessions = new();

    /// <summary>Holds a session open until the client, or who gave the connection, ends it.</summary>
    /// <param name="head">What the client said of itself.</param>
    /// <param name="connection">The connection; owned.</param>
    /// <param name="ended">Done when the client has ended it.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task ServeAsync(SessionHead head, Stream connection, Task ended, CancellationToken cancellation)
    {
        using var session = new ClientSession(head, new GrpcChannel(connection));
        var entry = _sessions.GetOrAdd(head.Id, _ => Waiting());
        if (!entry.TrySetResult(session))
            throw GantryException.Conflict($"session {head.Id} already exists");
        try
        {
            await OpenAsync(session, cancellation);
            await ended.WaitAsync(cancellation);
        }
        catch (OperationCanceledException)
        {
            // Whoever gave the connection has ended it.
        }
        finally
        {
            _sessions.TryRemove(head.Id, out _);
        }
    }

    /// <summary>Begins HTTP/2, so that the end of the connection is seen. Whether the client answers makes no difference: a build will tell.</summary>
    private static async Task OpenAsync(ClientSession session, CancellationToken cancellation)
    {
        try
        {
            await session.CheckAsync(cancellation);
        }
        catch (GrpcException)
        {
        }
    }

    /// <summary>A session, which may still be on its way.</summary>
    /// <exception cref="GantryException">It does not come.</exception>
    public async Task<ClientSession> WaitAsync(string id, CancellationToken cancellation)
    {
        try
        {
            return await _sessions.GetOrAdd(id, _ => Waiting()).Task.WaitAsync(s_patience, cancellation);
        }
        catch (TimeoutException error)
        {
            throw new GantryException(ErrorKind.NotFound, $"no active session for {id}: context deadline exceeded", error);
        }
    }

    private static TaskCompletionSource<ClientSession> Waiting() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
