using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Lists volumes.</summary>
    public Task<VolumeListResponse> ListVolumesAsync(Filters? filters, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", new Query("/volumes").Add(filters).ToString()), ApiJson.Wire.VolumeListResponse, cancellation);

    /// <summary>Everything about a volume, as the daemon wrote it.</summary>
    public Task<byte[]> InspectVolumeRawAsync(string name, CancellationToken cancellation = default) =>
        CallRawAsync(new HttpRequest("GET", Volume(name)), cancellation);

    /// <summary>Creates a volume; one that exists alike is handed back.</summary>
    public Task<VolumeResource> CreateVolumeAsync(VolumeCreateRequest request, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("POST", "/volumes/create") { Body = RequestJson.Write(request) },
            ApiJson.Wire.VolumeResource, cancellation);

    /// <summary>Removes a volume.</summary>
    public Task RemoveVolumeAsync(string name, bool force, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("DELETE", new Query(Volume(name)).Add("force", force).ToString()), cancellation);

    /// <summary>Removes the volumes that no container uses: the anonymous ones, or with the filter <c>all=true</c> all.</summary>
    public Task<VolumesPruneResponse> PruneVolumesAsync(Filters? filters, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("POST", new Query("/volumes/prune").Add(filters).ToString()), ApiJson.Wire.VolumesPruneResponse, cancellation);

    private static string Volume(string name) => "/volumes/" + Query.Escape(name);
}
