using Gantry.Engine.Containers;
using Gantry.Images.Check;

namespace Gantry.Engine.Check;

/// <summary>One finding, after the check.</summary>
/// <param name="Finding">What was found.</param>
/// <param name="Repaired">Whether it was put right.</param>
public sealed record CheckedFinding(StoreFinding Finding, bool Repaired);

/// <summary>The result of a check.</summary>
/// <param name="Findings">What should not be, in the order of kinds.</param>
/// <param name="Blobs">How many blobs were read.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="Containers">How many containers were looked at.</param>
public sealed record SystemCheckResult(IReadOnlyList<CheckedFinding> Findings, int Blobs, long Bytes, int Containers);

/// <summary>
/// Checks the folders of a running engine: digests and references of blobs, the index, layers, writable layers, containers. What is half made at one
/// look may only be work in progress, so only what two looks find counts.
/// </summary>
public sealed class SystemChecker
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);
    private readonly ImageStoreCheck _images;
    private readonly ContainerCheck _containerCheck;
    private readonly ContainerRegistry _registry;
    private readonly SemaphoreSlim _turn = new(1, 1);

    internal SystemChecker(ImageStoreCheck images, ContainerCheck containerCheck, ContainerRegistry registry)
    {
        _images = images;
        _containerCheck = containerCheck;
        _registry = registry;
    }

    /// <summary>Checks everything.</summary>
    /// <param name="repair">Whether to put right what can be; otherwise nothing is changed.</param>
    /// <param name="cancellation">Stops the reading.</param>
    public async Task<SystemCheckResult> RunAsync(bool repair, CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            // 1. Look, and look again if there is something to see.
            var content = await _images.CheckContentAsync(cancellation);
            var found = Look(content);
            if (found.Count > 0)
            {
                await Task.Delay(BetweenLooks, cancellation);
                content = await _images.CheckContentAsync(cancellation);
                var before = found.Select(finding => (finding.Kind, finding.Subject, finding.Problem)).ToHashSet();
                found = [.. Look(content).Where(finding => before.Contains((finding.Kind, finding.Subject, finding.Problem)))];
            }

            // 2. Repair.
            var results = found.ConvertAll(finding => new CheckedFinding(finding, repair && TryRepair(finding)));
            if (results.Exists(result => result.Repaired))
                _images.Reload();
            return new SystemCheckResult(results, content.Blobs, content.Bytes, _registry.List().Count);
        }
        finally
        {
            _turn.Release();
        }
    }

    private List<StoreFinding> Look(ContentCheckResult content) => [.. content.Findings, .. _images.CheckLayers(), .. _containerCheck.Run()];

    private static bool TryRepair(StoreFinding finding)
    {
        if (finding.Repair is null)
            return false;
        try
        {
            finding.Repair();
            return true;
        }
        catch (Exception e) when (e is IOException or Oci.GantryException or UnauthorizedAccessException)
        {
            return false; // Told as what is left.
        }
    }
}
