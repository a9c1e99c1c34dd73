using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Images.Layers;
using Gantry.Os.Files;
using Gantry.Storage.Content;

namespace Gantry.Build.Solver;

/// <summary>Puts layers on top of others: merge and diff.</summary>
internal sealed class LayerStacker(BuildSolver solver)
{
    /// <summary>The layers of all inputs on top of each other, each with the identity that it has there.</summary>
    public async Task<LayerResult> MergeAsync(IReadOnlyList<StepResult?> inputs, CancellationToken cancellation) =>
        await StackAsync(inputs.SelectMany(input => Timed(BuildSolver.Layers(input))), cancellation);

    /// <summary>What the second has on top of the first; if it does not stand on it, what of its files is other than there.</summary>
    /// <param name="inputs">The two.</param>
    /// <param name="lease">Holds what is made.</param>
    /// <param name="newest">The latest time that a file of a new layer has; null: any.</param>
    /// <param name="cancellation">Stops it.</param>
    public async Task<LayerResult> DiffAsync(IReadOnlyList<StepResult?> inputs, ContentLease lease, FileTime? newest, CancellationToken cancellation)
    {
        var (lower, upper) = (BuildSolver.Layers(inputs[0]), BuildSolver.Layers(inputs[1]));
        var isBelow = lower.Layers.Count <= upper.Layers.Count && lower.Layers.Zip(upper.Layers).All(static pair => pair.First.ChainId == pair.Second.ChainId);
        return await StackAsync(isBelow ? Timed(upper).Skip(lower.Layers.Count) : [solver.Workshop.Compare(lower, upper, lease, newest, cancellation)],
            cancellation);
    }

    private static IEnumerable<(ImageLayer Layer, DateTimeOffset? Created)> Timed(LayerResult result) => result.Layers.Zip(result.Created);

    private async Task<LayerResult> StackAsync(IEnumerable<(ImageLayer Layer, DateTimeOffset? Created)> layers, CancellationToken cancellation)
    {
        var result = new List<ImageLayer>();
        var created = new List<DateTimeOffset?>();
        foreach (var (layer, time) in layers)
        {
            result.Add(layer with { ChainId = ChainId.Next(result.Count > 0 ? result[^1].ChainId : default, layer.DiffId) });
            created.Add(time);
        }
        await solver.Unpacker.EnsureUnpackedAsync(result, cancellation);
        return new LayerResult(result, created);
    }
}
