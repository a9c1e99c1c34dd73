using Gantry.Build.Contexts;
using Gantry.Build.Dockerfile.Compile;
using Gantry.Build.Graph;
using Gantry.Build.Progress;
using Gantry.Oci;

namespace Gantry.BuildKit.Llb;

/// <summary>A result that another build may stand on.</summary>
/// <param name="Name">By which clients know it.</param>
/// <param name="Image">Its graph.</param>
/// <param name="Contexts">Where the folders of its graph come from.</param>
internal sealed record SharedResult(string Name, CompiledImage Image, IBuildContexts Contexts);

/// <summary>
/// The contexts of a build that stands on results of others: each of these brings its own. Their names get that of the result before them, as all builds
/// call their context the same.
/// </summary>
/// <param name="own">Those of the build itself.</param>
internal sealed class ComposedContexts(IBuildContexts own) : IBuildContexts
{
    private const char Separator = '\u0001';
    private readonly Dictionary<string, IBuildContexts> _others = [];

    /// <summary>Takes a result; returns its graph as it is in this build.</summary>
    public Node? Take(SharedResult result)
    {
        lock (_others)
            _others[result.Name] = result.Contexts;
        return result.Image.Root is { } root ? Relocate(root, result.Name, []) : null;
    }

    /// <inheritdoc/>
    public Task<FileSet> ReadAsync(string name, BuildProgress progress, CancellationToken cancellation)
    {
        var at = name.IndexOf(Separator, StringComparison.Ordinal);
        if (at < 0)
            return own.ReadAsync(name, progress, cancellation);
        lock (_others)
        {
            return _others.TryGetValue(name[..at], out var other) ? other.ReadAsync(name[(at + 1)..], progress, cancellation)
                : throw GantryException.NotFound($"there is no result {name[..at]}");
        }
    }

    private static Node Relocate(Node node, string name, Dictionary<Node, Node> known)
    {
        // Inputs come first, so that no depth of a graph is one of the stack.
        foreach (var below in node.Closure())
        {
            known[below] = below.Operation is LocalSource local ? new Node(new LocalSource($"{name}{Separator}{local.Name}"), [], below.Label)
                : new Node(below.Operation, [.. below.Inputs.Select(input => input is null ? null : known[input])], below.Label);
        }
        return known[node];
    }
}
