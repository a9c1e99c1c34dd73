using Gantry.Build.Progress;
using Gantry.Oci;

namespace Gantry.Build.Contexts;

/// <summary>The contexts of one build, by name: the build context is called <c>context</c>. One that no step needs is not read.</summary>
public interface IBuildContexts
{
    /// <summary>The files of a context; asked for several times, they are the same.</summary>
    /// <exception cref="GantryException">There is no such context, or it cannot be read.</exception>
    Task<FileSet> ReadAsync(string name, BuildProgress progress, CancellationToken cancellation);
}

/// <summary>Contexts whose files are here already.</summary>
/// <param name="contexts">The files by the context's name.</param>
public sealed class GivenContexts(IReadOnlyDictionary<string, FileSet> contexts) : IBuildContexts
{
    /// <inheritdoc/>
    public Task<FileSet> ReadAsync(string name, BuildProgress progress, CancellationToken cancellation) => Task.FromResult(
        contexts.TryGetValue(name, out var files) ? files : throw GantryException.NotFound($"there is no build context \"{name}\""));
}
