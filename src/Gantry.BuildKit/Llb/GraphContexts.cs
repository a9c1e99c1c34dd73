using System.Collections.Concurrent;
using Gantry.Build.Contexts;
using Gantry.Build.Progress;
using Gantry.BuildKit.Sessions;
using Gantry.Engine.Build;
using Gantry.Oci;

namespace Gantry.BuildKit.Llb;

/// <summary>The folders of a client that a graph names, each with what is wanted of it.</summary>
/// <param name="session">The client.</param>
/// <param name="builds">Keeps contents, and knows what was sent before.</param>
/// <param name="clock">The time.</param>
internal sealed class GraphContexts(ClientSession session, BuildService builds, TimeProvider clock) : IBuildContexts
{
    private readonly ConcurrentDictionary<string, FolderOrder> _orders = new();
    private readonly ConcurrentDictionary<string, Lazy<Task<FileSet>>> _read = new();

    /// <summary>Notes what is wanted of a folder; the name stands for it in the graph.</summary>
    public string Add(FolderOrder order)
    {
        var name = string.Join('\n', [order.Name, "follow", .. order.FollowPaths, "include", .. order.IncludePatterns, "exclude", .. order.ExcludePatterns]);
        _orders[name] = order;
        return name;
    }

    /// <inheritdoc/>
    public Task<FileSet> ReadAsync(string name, BuildProgress progress, CancellationToken cancellation) =>
        _read.GetOrAdd(name, _ => new Lazy<Task<FileSet>>(() => ReceiveAsync(name, progress, cancellation))).Value;

    private Task<FileSet> ReceiveAsync(string name, BuildProgress progress, CancellationToken cancellation)
    {
        var order = _orders.TryGetValue(name, out var found) ? found : throw GantryException.NotFound($"the graph names no folder {name}");
        return progress.Begin($"local://{order.Name}").RunAsync(step => new FolderReceiver(session, builds.Files, builds.Contexts, clock)
            .ReceiveAsync(order, $"graph\n{session.Head.SharedKey}\n{name}", order.Name, step, cancellation));
    }
}
