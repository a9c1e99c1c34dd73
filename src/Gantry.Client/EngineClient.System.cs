using Gantry.Api.Model;
using Gantry.Client.Http;
using Gantry.Client.Streams;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Asks whether the daemon lives, and settles the version of the API. The path has no version, so every daemon answers it.</summary>
    public async Task PingAsync(CancellationToken cancellation = default)
    {
        var connection = TakeIdle() ?? await _connector.ConnectAsync(cancellation).ConfigureAwait(false);
        var request = new HttpRequest("HEAD", "/_ping") { Headers = Headers };
        try
        {
            await connection.WriteRequestAsync(request, cancellation).ConfigureAwait(false);
            var head = await connection.ReadHeadAsync(cancellation).ConfigureAwait(false);
            if (!_versionFixed && Version.TryParse(head["Api-Version"], out var newest) && newest < Version.Parse(ApiVersion))
                ApiVersion = newest.ToString();
            _versionAccepted = true;
            using var exchange = new HttpExchange(connection, head, connection.OpenBody(request, head), Release);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Versions of the daemon and its parts.</summary>
    public Task<SystemVersion> VersionAsync(CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("GET", "/version"), ApiJson.Wire.SystemVersion, cancellation);

    /// <summary>Versions of the daemon and its parts, as it wrote them.</summary>
    public Task<byte[]> VersionRawAsync(CancellationToken cancellation = default) => CallRawAsync(new HttpRequest("GET", "/version"), cancellation);

    /// <summary>State and settings of the daemon, as it wrote them.</summary>
    public Task<byte[]> InfoRawAsync(CancellationToken cancellation = default) => CallRawAsync(new HttpRequest("GET", "/info"), cancellation);

    /// <summary>What images, containers, volumes and the build cache occupy on the disk, whichever form the version of the API has for it.</summary>
    public async Task<SystemDiskUsageResponse> DiskUsageAsync(CancellationToken cancellation = default)
    {
        var request = new HttpRequest("GET", new Query("/system/df").Add("verbose", true).ToString());
        if (Version.TryParse(ApiVersion, out var version) && version < new Version(1, 52))
            return await CallAsync(request, ApiJson.Wire.SystemDiskUsageResponse, cancellation).ConfigureAwait(false);
        var parts = await CallAsync(request, ApiJson.Wire.SystemDataUsageResponse, cancellation).ConfigureAwait(false);
        return new SystemDiskUsageResponse
        {
            LayersSize = parts.ImageUsage?.TotalSize ?? 0,
            Images = parts.ImageUsage?.Items ?? [],
            Containers = parts.ContainerUsage?.Items ?? [],
            Volumes = parts.VolumeUsage?.Items ?? [],
            BuildCache = parts.BuildCacheUsage?.Items ?? [],
            BuilderSize = parts.BuildCacheUsage?.TotalSize ?? 0,
        };
    }

    /// <summary>Verifies what the daemon has on the disk; Gantry's own, not docker's.</summary>
    /// <param name="repair">Whether to put right what can be.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<SystemCheckResponse> CheckSystemAsync(bool repair, CancellationToken cancellation = default) =>
        CallAsync(new HttpRequest("POST", new Query("/gantry/system/check").Add("repair", repair).ToString()), ApiJson.Wire.SystemCheckResponse, cancellation);

    /// <summary>Takes over what a Docker has, told line by line; Gantry's own, not docker's.</summary>
    /// <param name="from">The Docker's root folder on the daemon's host.</param>
    /// <param name="names">Images, volumes and containers; none: everything.</param>
    /// <param name="dryRun">Whether it is only told what would be done.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<MessageReader> MigrateAsync(string from, IReadOnlyList<string> names, bool dryRun, CancellationToken cancellation = default)
    {
        var query = new Query("/gantry/system/migrate").Add("from", from).Add("dryrun", dryRun);
        foreach (var name in names)
            query.Add("name", name);
        return MessagesAsync(new HttpRequest("POST", query.ToString()), cancellation);
    }

    /// <summary>An object of a swarm, as the daemon wrote it.</summary>
    /// <param name="kind">Which kind, in the plural of its path.</param>
    /// <param name="name">Its name or ID.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<byte[]> InspectRawAsync(string kind, string name, CancellationToken cancellation = default) =>
        CallRawAsync(new HttpRequest("GET", $"/{kind}/{Uri.EscapeDataString(name)}"), cancellation);

    /// <summary>A plugin, as the daemon wrote it.</summary>
    public Task<byte[]> InspectPluginRawAsync(string name, CancellationToken cancellation = default) =>
        CallRawAsync(new HttpRequest("GET", $"/plugins/{Uri.EscapeDataString(name)}/json"), cancellation);

    /// <summary>Events as they happen, <see cref="EventMessage"/> by <see cref="EventMessage"/>.</summary>
    /// <param name="since">Events from this time on first: seconds of Unix time with a fraction, or empty for none.</param>
    /// <param name="until">The time at which the stream ends, likewise, or empty for never.</param>
    /// <param name="filters">Which events.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task<MessageReader> EventsAsync(string? since, string? until, Filters? filters, CancellationToken cancellation = default) =>
        MessagesAsync(new HttpRequest("GET", new Query("/events").Add("since", since).Add("until", until).Add(filters).ToString()), cancellation);
}
