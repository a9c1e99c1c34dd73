using System.Collections.Concurrent;
using Gantry.Build.Cache;
using Gantry.Build.Cache.Exchange;
using Gantry.Build.Graph;
using Gantry.Build.Progress;
using Gantry.Build.Steps;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Build.Solver;

/// <summary>The solving of one build's nodes.</summary>
public sealed class SolveRun
{
    private readonly BuildSolver _solver;
    private readonly SolveSession _session;
    private readonly NodeKeys _keys;
    private readonly ConcurrentDictionary<Digest, Lazy<Task<StepResult>>> _results = new();
    private readonly ConcurrentDictionary<Digest, bool> _reported = new();

    internal SolveRun(BuildSolver solver, SolveSession session)
    {
        (_solver, _session) = (solver, session);
        _keys = new NodeKeys(session, solver, ResultAsync);
    }

    /// <summary>The layers of a node, from the cache or by doing what it says.</summary>
    /// <exception cref="Oci.GantryException">A step failed.</exception>
    public async Task<LayerResult> SolveAsync(Node? node, CancellationToken cancellation) =>
        node is null ? LayerResult.Empty : BuildSolver.Layers(await ResultAsync(node, cancellation));

    /// <summary>The result of a node, whatever it is.</summary>
    /// <inheritdoc cref="SolveAsync"/>
    internal Task<StepResult> ResultAsync(Node node, CancellationToken cancellation) =>
        _results.GetOrAdd(node.Digest, _ => new Lazy<Task<StepResult>>(() => Task.Run(() => NamedAsync(node, cancellation), cancellation))).Value;

    /// <summary>The node that failed is known to whoever shows the error, not those that stand on it.</summary>
    private async Task<StepResult> NamedAsync(Node node, CancellationToken cancellation)
    {
        try
        {
            return await ComputeAsync(node, cancellation);
        }
        catch (GantryException error)
        {
            var failed = error as NodeFailedException ?? new NodeFailedException(node, error);
            // What it is to use could not be read: then it was not even begun.
            if (failed.Node.Operation is not LocalSource && _reported.TryAdd(failed.Node.Digest, true))
                Begin(failed.Node).Fail(failed.Message);
            if (failed == error)
                throw;
            throw failed;
        }
    }

    private async Task<StepResult> ComputeAsync(Node node, CancellationToken cancellation) => node.Operation switch
    {
        LocalSource local => new FilesResult(await _session.Sources.ReadLocalAsync(local, _session.Progress, cancellation)),
        ImageSource image => await ReportAsync(node, _ => _session.Sources.ReadImageAsync(image, _session.Lease, cancellation)),
        HttpSource http => new FilesResult(await ReportAsync(node, step => _session.Sources.ReadHttpAsync(http, step, cancellation))),
        GitSource git => new FilesResult(await ReportAsync(node, step => _session.Sources.ReadGitAsync(git, step, cancellation))),
        MountOutput mount => BuildSolver.Layers(await ResultAsync(node.Inputs[0]!, cancellation)).Mounts[mount.Number],
        _ => await StepAsync(node, cancellation),
    };

    private async Task<LayerResult> StepAsync(Node node, CancellationToken cancellation)
    {
        // 1. Is the result known by what the step is, without doing anything that it stands on?
        var useCache = !node.Label.IgnoreCache;
        var definition = await _keys.DefinitionAsync(node, cancellation);
        if (useCache && await FindAsync(node, definition, cancellation) is { } known)
            return Cached(node, known);

        // 2. What it stands on, all at the same time.
        var inputs = await Task.WhenAll(node.Inputs.Select(input => InputAsync(input, cancellation)));

        // 3. Is the result known by the files that it uses?
        var (content, parts) = _keys.Content(node, inputs, cancellation);
        if (useCache && await FindAsync(node, content, cancellation) is { } same)
        {
            _solver.Cache.Add(definition, same, node.Label.Name, content: content);
            return Cached(node, same);
        }

        // 4. It is run, once for all builds that need it now.
        return await RunAsync(node, inputs, definition, content, parts, cancellation);
    }

    private async Task<LayerResult> RunAsync(
        Node node, StepResult?[] inputs, Digest definition, Digest content, IReadOnlyList<KeyPart> parts, CancellationToken cancellation)
    {
        var step = Begin(node);
        step.Explain(Reason(node, parts));
        _reported[node.Digest] = true;
        try
        {
            // Who does not want known results wants nobody else's either.
            var key = node.Label.IgnoreCache ? Digest.Compute(Guid.NewGuid().ToByteArray()) : content;
            var result = await _solver.Works.RunAsync(
                key, step.Log, (log, stop) => ExecuteAsync(node, inputs, log, stop), cancellation);
            foreach (var layer in result.AllLayers)
                _session.Lease.TryHold(layer.Blob.Digest);
            _solver.Cache.Add(content, result, node.Label.Name, parts);
            _solver.Cache.Add(definition, result, node.Label.Name, content: content);
            step.Complete();
            return result;
        }
        catch (Exception error)
        {
            step.Fail(error is OperationCanceledException ? "context canceled" : error.Message);
            throw;
        }
    }

    private async Task<LayerResult> ExecuteAsync(Node node, StepResult?[] inputs, Action<int, ReadOnlyMemory<byte>> log, CancellationToken cancellation)
    {
        foreach (var input in inputs.OfType<LayerResult>())
            await _solver.Unpacker.EnsureUnpackedAsync(input.Layers, cancellation);
        return node.Operation switch
        {
            FileOperation file => new FileExecutor(_solver.Workshop, _solver.Files).Run(file, inputs, _session, cancellation),
            ExecOperation exec => await _solver.Exec.RunAsync(exec, inputs, _session, log, cancellation),
            MergeOperation => await new LayerStacker(_solver).MergeAsync(inputs, cancellation),
            DiffOperation => await new LayerStacker(_solver).DiffAsync(inputs, _session.Lease, _session.Newest, cancellation),
            _ => throw new InvalidOperationException($"{node.Operation} is no step"),
        };
    }

    private async Task<StepResult?> InputAsync(Node? input, CancellationToken cancellation) => input is null ? null : await ResultAsync(input, cancellation);

    private string Reason(Node node, IReadOnlyList<KeyPart> parts) =>
        node.Label.IgnoreCache ? "known results are not to be used" : StepReason.Of(parts, _solver.Cache.LastParts(node.Label.Name, parts));

    /// <summary>The results that are known of a node and all it stands on: for a cache that is handed on.</summary>
    internal async Task<IReadOnlyList<KnownResult>> KnownAsync(Node root, CancellationToken cancellation)
    {
        var final = await SolveAsync(root, cancellation);
        var known = new Dictionary<Digest, KnownResult>();
        foreach (var node in root.Closure().Where(node => node.Operation is ExecOperation or FileOperation or MergeOperation or DiffOperation))
        {
            var definition = await _keys.DefinitionAsync(node, cancellation);
            if (_solver.Cache.Look(definition) is { } document)
            {
                // The documents that caches are handed on by have one result for a step.
                if (document.Mounts.Count > 0)
                    continue;
                Add(definition, document.ToResult());
                if (!document.Content.IsEmpty)
                    Add(document.Content, document.ToResult());
                continue;
            }
            // A step whose result was not needed, because one above it was known to a cache of others: what that says of it is handed on.
            foreach (var import in _session.Imports)
            {
                if (import.Look(definition) is not { } offered || offered.Count > final.Layers.Count
                    || final.Layers[offered.Count - 1].ChainId != offered[^1].ChainId)
                    continue;
                var result = new LayerResult([.. final.Layers.Take(offered.Count)], [.. final.Created.Take(offered.Count)]);
                foreach (var key in import.OthersLike(definition).Append(definition))
                    Add(key, result);
                break;
            }
        }
        return [.. known.Values];

        void Add(Digest key, LayerResult result) => known[key] = new KnownResult(key, result);
    }

    /// <summary>A result from the builder's own cache, or from those that the build is to use.</summary>
    private async Task<LayerResult?> FindAsync(Node node, Digest key, CancellationToken cancellation)
    {
        if (Find(key) is { } own)
            return own;
        foreach (var import in _session.Imports)
        {
            ProgressStep? step = null;
            var found = await import.FindAsync(
                key, _solver.Images, _solver.Receiver, _session.Lease, () => step = Begin(node), cancellation);
            if (found is null)
                continue;
            _reported[node.Digest] = true;
            step?.Complete(cached: true);
            var others = import.OthersLike(key);
            foreach (var other in others)
                _solver.Cache.Add(other, found, node.Label.Name);
            _solver.Cache.Add(key, found, node.Label.Name, content: others.Count == 1 ? others[0] : default);
            return found;
        }
        return null;
    }

    private LayerResult? Find(Digest key)
    {
        if (_solver.Cache.Find(key) is not { } found)
            return null;
        // The cache holds it until another thread prunes it: the build holds it, too.
        return found.AllLayers.All(layer => _session.Lease.TryHold(layer.Blob.Digest)) ? found : null;
    }

    private LayerResult Cached(Node node, LayerResult result)
    {
        foreach (var below in node.Closure())
        {
            if (below.Operation is not (LocalSource or MountOutput) && _reported.TryAdd(below.Digest, true))
                Begin(below).Complete(cached: below.Operation is not ImageSource);
        }
        return result;
    }

    private ProgressStep Begin(Node node) => _session.Progress.Begin(node, _session.InstructionOf(node), _session.NameOf(node));

    private Task<T> ReportAsync<T>(Node node, Func<ProgressStep, Task<T>> work)
    {
        _reported[node.Digest] = true;
        return Begin(node).RunAsync(work);
    }
}
