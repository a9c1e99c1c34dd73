using Gantry.Oci.Images;

namespace Gantry.Images.Layers;

/// <summary>
/// Counts who needs which layers for the moment: a load that unpacks them before its image is in the index, a start that is about to
/// make a snapshot on top of them. What is held is not removed.
/// </summary>
internal sealed class LayerHolds
{
    private readonly Dictionary<Digest, int> _counts = [];
    private readonly Lock _gate = new();

    internal LayerHold Hold(IReadOnlyList<Digest> chainIds)
    {
        lock (_gate)
        {
            foreach (var chainId in chainIds)
                _counts[chainId] = _counts.GetValueOrDefault(chainId) + 1;
        }
        return new LayerHold(this, chainIds);
    }

    /// <summary>Runs <paramref name="remove"/> unless the layer is held; nobody begins to hold it meanwhile.</summary>
    internal bool RemoveUnlessHeld(Digest chainId, Func<bool> remove)
    {
        lock (_gate)
            return !_counts.ContainsKey(chainId) && remove();
    }

    internal bool IsHeld(Digest chainId)
    {
        lock (_gate)
            return _counts.ContainsKey(chainId);
    }

    internal void Release(IReadOnlyList<Digest> chainIds)
    {
        lock (_gate)
        {
            foreach (var chainId in chainIds)
            {
                if (--_counts[chainId] == 0)
                    _counts.Remove(chainId);
            }
        }
    }
}

/// <summary>Keeps layers from being removed until it is disposed.</summary>
public sealed class LayerHold : IDisposable
{
    private readonly LayerHolds _holds;
    private IReadOnlyList<Digest>? _chainIds;

    internal LayerHold(LayerHolds holds, IReadOnlyList<Digest> chainIds) => (_holds, _chainIds) = (holds, chainIds);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _chainIds, null) is { } chainIds)
            _holds.Release(chainIds);
    }
}
