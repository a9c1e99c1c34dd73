using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Lists volumes.</summary>
    public Task<VolumeListResponse> ListVolumesAsync(Filters? filters, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", new Query("/volumes").Add(filters).ToString()), ApiJson.Wire.VolumeListResponse, cancellation);

    /// <summary>Begins to list all volumes.</summary>
    public ValueTask<PendingCall<VolumeListResponse>> BeginListVolumesAsync(CancellationToken cancellation = default) =>
        BeginAsync(new HttpRequest("GET", "/volumes"), Reader(ApiJson.Wire.VolumeListResponse), cancellation);

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

    /// <summary>A volume's files as a tar archive.</summary>
    public async Task<HttpExchange> ExportVolumeAsync(string name, CancellationToken cancellation = default) =>
        await SendAsync(new HttpRequest("GET", $"/gantry{Volume(name)}/archive"), cancellation).ConfigureAwait(false);

    /// <summary>Unpacks a tar archive into a new volume, or an empty one.</summary>
    public Task<VolumeResource> ImportVolumeAsync(string name, IReadOnlyList<string> labels, Stream archive, CancellationToken cancellation = default) =>
        CallAsync(
        new HttpRequest("PUT", WithLabels(new Query($"/gantry{Volume(name)}/archive"), labels)) { BodyStream = archive, ContentType = TarArchive },
        ApiJson.Wire.VolumeResource, cancellation);

    /// <summary>Copies a volume's files to a new volume.</summary>
    /// <param name="source">The volume.</param>
    /// <param name="name">The new one; empty: a name is made up.</param>
    /// <param name="labels">Its labels; none: those of the source.</param>
    /// <param name="cancellation">Stops it.</param>
    public Task<VolumeResource> CloneVolumeAsync(string source, string name, IReadOnlyList<string> labels, CancellationToken cancellation = default) =>
        CallAsync(
        new HttpRequest("POST", WithLabels(new Query($"/gantry{Volume(source)}/clone").Add("name", name), labels)), ApiJson.Wire.VolumeResource, cancellation);

    private static string WithLabels(Query query, IReadOnlyList<string> labels)
    {
        foreach (var label in labels)
            query.Add("label", label);
        return query.ToString();
    }

    private static string Volume(string name) => "/volumes/" + Query.Name("volume", name);
}
