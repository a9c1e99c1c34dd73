using System.Collections.Concurrent;
using Gantry.Build.Cache;
using Gantry.Build.Contexts;
using Gantry.Build.Graph;
using Gantry.Build.Steps;
using Gantry.Build.Trees;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Solver;

/// <summary>
/// Makes the two keys of a step. The <em>definition key</em> is known before anything is run: the operation, the definition keys of its inputs, and the
/// content of those context files that it uses. The <em>content key</em> needs the inputs' results: the files that it stands on and those that it uses
/// from elsewhere. A step is run when neither is known.
/// </summary>
internal sealed class NodeKeys(SolveSession session, BuildSolver solver, Func<Node, CancellationToken, Task<StepResult>> resultOf)
{
    private readonly ConcurrentDictionary<Digest, Lazy<Task<Digest>>> _definitions = new();

    /// <summary>The key by definition.</summary>
    public Task<Digest> DefinitionAsync(Node node, CancellationToken cancellation) =>
        _definitions.GetOrAdd(node.Digest, _ => new Lazy<Task<Digest>>(() => ComputeDefinitionAsync(node, cancellation))).Value;

    /// <summary>The key by content, when the results of all inputs are there.</summary>
    public (Digest Key, IReadOnlyList<KeyPart> Parts) Content(Node node, IReadOnlyList<StepResult?> inputs, CancellationToken cancellation)
    {
        using var hasher = Begin("content", node);
        var parts = OperationParts.Of(node.Operation).ToList();
        if (session.Newest is { } newest)
            parts.Add(new KeyPart("SOURCE_DATE_EPOCH", $"{newest.Seconds}"));
        for (var i = 0; i < inputs.Count; i++)
        {
            var isRoot = i == 0 || node.Operation is MergeOperation or DiffOperation;
            if (isRoot)
            {
                var identity = BuildSolver.Layers(inputs[i]).Identity;
                hasher.Add(identity);
                parts.Add(new KeyPart(i == 0 ? "the files of" : $"the files of input {i},", identity, node.Inputs[i]?.Label.Name ?? "scratch"));
                continue;
            }
            using var uses = new OperationHasher();
            AddUses(uses, node.Operation, i, inputs[i], cancellation);
            var digest = uses.Finish().ToString();
            hasher.Add(digest);
            parts.Add(Describe(node, i, inputs[i], digest));
        }
        return (hasher.Finish(), parts);
    }

    private static KeyPart Describe(Node node, int input, StepResult? result, string digest)
    {
        List<string> sources = node.Operation switch
        {
            FileOperation file => [.. file.Actions.OfType<CopyAction>().Where(copy => copy.Input == input).SelectMany(copy => copy.Sources)],
            ExecOperation exec => [.. exec.Mounts.Where(mount => mount.Input == input).Select(mount => mount.Source)],
            _ => [],
        };
        var changed = result is FilesResult files ? files.Files.ChangesIn(sources) : "";
        return new KeyPart($"the content of {string.Join(' ', sources)}", digest, $"of {node.Inputs[input]?.Label.Name ?? "nothing"}{changed}");
    }

    /// <summary>A step whose key cannot be made has failed, not the one above it that was asked about.</summary>
    private async Task<Digest> ComputeDefinitionAsync(Node node, CancellationToken cancellation)
    {
        try
        {
            return await HashDefinitionAsync(node, cancellation);
        }
        catch (GantryException error) when (error is not NodeFailedException)
        {
            throw new NodeFailedException(node, error);
        }
    }

    private async Task<Digest> HashDefinitionAsync(Node node, CancellationToken cancellation)
    {
        using var hasher = Begin("definition", node);
        for (var i = 0; i < node.Inputs.Count; i++)
        {
            var input = node.Inputs[i];
            if (input is null)
                hasher.Add("none");
            else if (IsOutside(input.Operation))
                AddUses(hasher, node.Operation, i, await resultOf(input, cancellation), cancellation);
            else
                hasher.Add((await DefinitionAsync(input, cancellation)).ToString());
        }
        return hasher.Finish();
    }

    /// <summary>Files whose content no digest of the definition tells.</summary>
    private static bool IsOutside(Operation operation) => operation is LocalSource or HttpSource or GitSource;

    private OperationHasher Begin(string kind, Node node)
    {
        var hasher = new OperationHasher();
        hasher.Add(kind);
        node.Operation.Describe(hasher);
        hasher.Add(session.Newest?.Seconds ?? -1);
        if (node.Operation is ExecOperation exec && exec.Mounts.Any(mount => mount.Kind == StepMountKind.Cache))
            hasher.Add(session.CacheNamespace);
        return hasher.Add(node.Inputs.Count);
    }

    private void AddUses(OperationHasher hasher, Operation operation, int input, StepResult? result, CancellationToken cancellation)
    {
        try
        {
            AddUsed(hasher, operation, input, result, cancellation);
        }
        catch (GantryException error) when (error.Kind == ErrorKind.NotFound)
        {
            throw new GantryException(error.Kind,
                $"failed to compute cache key: failed to calculate checksum of ref {operation.ComputeDigest().Hex[..25]}: {error.Message}", error);
        }
    }

    private void AddUsed(OperationHasher hasher, Operation operation, int input, StepResult? result, CancellationToken cancellation)
    {
        using var tree = Open(result);
        if (operation is FileOperation file)
        {
            foreach (var copy in file.Actions.OfType<CopyAction>().Where(copy => copy.Input == input))
                hasher.Add(SelectionHasher.Compute(tree, copy, cancellation).ToString());
        }
        else if (operation is ExecOperation exec)
        {
            foreach (var mount in exec.Mounts.Where(mount => mount.Input == input))
            {
                // What is a result has all the files below it, not only those that are mounted.
                var path = TreePaths.Resolve(tree, mount.IsResult ? "" : mount.Source);
                if (path is null && mount.Kind == StepMountKind.Bind)
                    throw TreePaths.Missing(tree, TreePaths.Clean(mount.Source));
                hasher.Add(path is null ? "nothing" : SelectionHasher.Compute(tree, path, cancellation).ToString());
            }
        }
    }

    private IFileTree Open(StepResult? result) => result switch
    {
        FilesResult files => new FileSetTree(files.Files, solver.Files),
        LayerResult layers when solver.Workshop.OpenView(layers) is { } view => new MountTree(view),
        _ => new FileSetTree(new FileSet([]), solver.Files),
    };
}
