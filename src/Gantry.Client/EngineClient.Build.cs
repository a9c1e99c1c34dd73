using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Begins a build by Gantry's own stream.</summary>
    public async Task<BuildConnection> BuildAsync(CancellationToken cancellation = default) =>
        new(await HijackAsync(new HttpRequest("POST", "/gantry/build"), cancellation).ConfigureAwait(false));

    /// <summary>Removes what the build cache keeps.</summary>
    /// <param name="all">Also what images use.</param>
    /// <param name="keepStorage">How many bytes stay; 0: none.</param>
    /// <param name="filters">Which records.</param>
    /// <param name="cancellation">Stops it.</param>
    public Task<BuildPruneResponse> PruneBuildsAsync(bool all, long keepStorage, Filters filters, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", new Query("/build/prune").Add("all", all).Add("keep-storage", keepStorage).Add(filters).ToString()),
            ApiJson.Wire.BuildPruneResponse, cancellation);
}
