using Gantry.Build.Steps;
using Gantry.Images;
using Gantry.Images.Layers;

namespace Gantry.Build.Solver;

/// <summary>Puts layers on top of others: merge and diff.</summary>
internal sealed class LayerStacker(BuildSolver solver)
{
    /// <summary>The layers of all inputs on top of each other, each with the identity that it has there.</summary>
    public async Task<LayerResult> MergeAsync(IReadOnlyList<StepResult?> inputs, CancellationToken cancellation) =>
        await StackAsync(inputs.SelectMany(input => Timed(BuildSolver.Layers(input))), cancellation);

    /// <summary>What the second has on top of the first.</summary>
    /// <exception cref="Oci.GantryException">The second does not stand on the first.</exception>
    public async Task<LayerResult> DiffAsync(IReadOnlyList<StepResult?> inputs, CancellationToken cancellation)
    {
        var lower = BuildSolver.Layers(inputs[0]).Layers;
        var upper = BuildSolver.Layers(inputs[1]).Layers;
        if (lower.Count > upper.Count || lower.Zip(upper).Any(pair => pair.First.ChainId != pair.Second.ChainId))
            throw Oci.GantryException.NotImplemented("a diff of files that do not stand on each other");
        return await StackAsync(Timed(BuildSolver.Layers(inputs[1])).Skip(lower.Count), cancellation);
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
