using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Begins a build by Gantry's own stream.</summary>
    public async Task<BuildConnection> BuildAsync(CancellationToken cancellation = default) =>
        new(await HijackAsync(new HttpRequest("POST", "/gantry/build"), cancellation).ConfigureAwait(false));

    /// <summary>The builds that there were, the newest first. Only Gantry's daemon answers this and the two calls below.</summary>
    public Task<IReadOnlyList<BuildHistoryRecord>> BuildHistoryAsync(CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", "/gantry/builds"), ApiJson.Wire.IReadOnlyListBuildHistoryRecord, cancellation);

    /// <summary>What a build told: documents of progress, a line each.</summary>
    public Task<byte[]> BuildLogAsync(string name, CancellationToken cancellation = default) =>
        CallRawAsync(new HttpRequest("GET", $"/gantry/builds/{Uri.EscapeDataString(name)}/log"), cancellation);

    /// <summary>Removes the record of a build.</summary>
    public Task RemoveBuildAsync(string name, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("DELETE", $"/gantry/builds/{Uri.EscapeDataString(name)}"), cancellation);

    /// <summary>Removes what the build cache keeps.</summary>
    /// <param name="all">Also what images use.</param>
    /// <param name="bounds">How much stays; nothing said: nothing.</param>
    /// <param name="filters">Which records.</param>
    /// <param name="cancellation">Stops it.</param>
    public Task<BuildPruneResponse> PruneBuildsAsync(bool all, BuildPruneBounds bounds, Filters filters, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", new Query("/build/prune").Add("all", all).Add("max-used-space", bounds.MostUsed).Add("reserved-space", bounds.Reserved)
                .Add("min-free-space", bounds.LeastFree).Add(filters).ToString()),
            ApiJson.Wire.BuildPruneResponse, cancellation);
}
