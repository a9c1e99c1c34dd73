using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Lists networks.</summary>
    public Task<IReadOnlyList<NetworkResource>> ListNetworksAsync(Filters? filters, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", new Query("/networks").Add(filters).ToString()), ApiJson.Wire.IReadOnlyListNetworkResource, cancellation);

    /// <summary>Begins to list all networks.</summary>
    public ValueTask<PendingList<NetworkResource>> BeginListNetworksAsync(CancellationToken cancellation = default) =>
        BeginListAsync(new HttpRequest("GET", "/networks"), static () => ApiJson.Wire.NetworkResource, cancellation);

    /// <summary>Everything about a network, as the daemon wrote it.</summary>
    public Task<byte[]> InspectNetworkRawAsync(string name, bool verbose, CancellationToken cancellation = default) =>
        CallRawAsync(new HttpRequest("GET", new Query(Network(name)).Add("verbose", verbose ? "true" : null).ToString()), cancellation);

    /// <summary>Creates a network.</summary>
    public Task<NetworkCreateResponse> CreateNetworkAsync(NetworkCreateRequest request, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", "/networks/create") { Body = RequestJson.Write(request) },
            ApiJson.Wire.NetworkCreateResponse, cancellation);

    /// <summary>Connects a container to a network.</summary>
    public Task ConnectNetworkAsync(string network, NetworkConnectRequest request, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", $"{Network(network)}/connect") { Body = RequestJson.Write(request) },
            cancellation);

    /// <summary>Disconnects a container from a network.</summary>
    public Task DisconnectNetworkAsync(string network, NetworkDisconnectRequest request, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", $"{Network(network)}/disconnect") { Body = RequestJson.Write(request) },
            cancellation);

    /// <summary>Removes a network.</summary>
    public Task RemoveNetworkAsync(string name, CancellationToken cancellation = default) => CallAsync(new HttpRequest("DELETE", Network(name)), cancellation);

    /// <summary>Removes the networks that no container uses.</summary>
    public Task<NetworksPruneResponse> PruneNetworksAsync(Filters? filters, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("POST", new Query("/networks/prune").Add(filters).ToString()), ApiJson.Wire.NetworksPruneResponse, cancellation);

    /// <summary>Who reaches a container, and which rule decides.</summary>
    /// <param name="container">The container.</param>
    /// <param name="port">One of its ports; null: all.</param>
    /// <param name="from">From where: <c>host</c>, <c>lan</c>, <c>world</c>, an address, or a container; null: from everywhere.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<ReachabilityResponse> ExplainReachabilityAsync(string container, int? port, string? from, CancellationToken cancellation = default) =>
        CallAsync(
        new HttpRequest("GET", new Query($"/gantry/containers/{Query.Escape(container)}/why")
            .Add("port", port?.ToString(System.Globalization.CultureInfo.InvariantCulture)).Add("from", from).ToString()),
        ApiJson.Wire.ReachabilityResponse, cancellation);

    private static string Network(string name) => "/networks/" + Query.Name("network", name);
}
