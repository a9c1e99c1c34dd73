using Gantry.Api.Model;
using Gantry.Client.Http;
using Gantry.Client.Streams;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>What a container uses: two readings a second apart, told as one.</summary>
    public Task<ContainerStatsResponse> ReadContainerStatsAsync(string id, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", new Query($"{Container(id)}/stats").Add("stream", "0").ToString()), ApiJson.Wire.ContainerStatsResponse, cancellation);

    /// <summary>What a container uses, each second.</summary>
    public async Task<MessageReader> FollowContainerStatsAsync(string id, CancellationToken cancellation = default) =>
        new(await SendAsync(new HttpRequest("GET", new Query($"{Container(id)}/stats").Add("stream", "1").ToString()), cancellation).ConfigureAwait(false));
}
