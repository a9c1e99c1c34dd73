using System.Collections.Concurrent;
using Gantry.Build.Contexts;
using Gantry.Build.Progress;
using Gantry.Oci;

namespace Gantry.Api.Build;

/// <summary>
/// The contexts of a build by Gantry's own stream: those that the client has sent, and further ones that are elsewhere, which are fetched when a step needs
/// them, once.
/// </summary>
/// <param name="given">Those that are here, by name.</param>
/// <param name="places">Where the others are, by name.</param>
/// <param name="fetch">Fetches one.</param>
internal sealed class SessionContexts(
    IReadOnlyDictionary<string, FileSet> given, IReadOnlyDictionary<string, string> places, Func<string, ProgressStep, CancellationToken, Task<FileSet>> fetch)
        : IBuildContexts
{
    private readonly ConcurrentDictionary<string, Lazy<Task<FileSet>>> _fetched = new();

    /// <summary>The names of all but the build context.</summary>
    public IEnumerable<string> Further => given.Keys.Where(static name => name != "context").Concat(places.Keys);

    /// <inheritdoc/>
    public Task<FileSet> ReadAsync(string name, BuildProgress progress, CancellationToken cancellation)
    {
        if (given.FirstOrDefault(context => Names(context.Key, name)).Value is { } files)
            return Task.FromResult(files);
        if (places.FirstOrDefault(context => Names(context.Key, name)) is not { Value: { } place } found)
            throw GantryException.NotFound($"there is no build context \"{name}\"");
        return _fetched.GetOrAdd(found.Key, _ => new Lazy<Task<FileSet>>(
            () => progress.Begin($"[context {found.Key}] {place}").RunAsync(step => fetch(place, step, cancellation)))).Value;
    }

    /// <summary>As in FROM, case makes no difference.</summary>
    private static bool Names(string name, string wanted) => name.Equals(wanted, StringComparison.OrdinalIgnoreCase);
}
