using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Client.Http;

namespace Gantry.Client;

/// <summary>An archive from a container, to be read.</summary>
/// <param name="Exchange">The answer with the archive as its body.</param>
/// <param name="Stat">What was packed.</param>
public sealed record ContainerArchive(HttpExchange Exchange, ContainerPathStat Stat) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Exchange.Dispose();
}

public sealed partial class EngineClient
{
    private const string PathStat = "X-Docker-Container-Path-Stat";

    /// <summary>What is at a path of a container; null when nothing is, or the container does not exist.</summary>
    public async Task<ContainerPathStat?> FindContainerPathAsync(string id, string path, CancellationToken cancellation = default)
    {
        try
        {
            using var exchange = await SendAsync(new HttpRequest("HEAD", Archive(id, path).ToString()), cancellation).ConfigureAwait(false);
            return StatOf(exchange);
        }
        catch (ClientException error) when (error.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Packs what is at a path of a container.</summary>
    public async Task<ContainerArchive> ReadContainerArchiveAsync(string id, string path, CancellationToken cancellation = default)
    {
        var exchange = await SendAsync(new HttpRequest("GET", Archive(id, path).ToString()), cancellation).ConfigureAwait(false);
        return new ContainerArchive(exchange, StatOf(exchange));
    }

    /// <summary>Unpacks an archive in a directory of a container. A directory and something else do not replace each other.</summary>
    /// <param name="id">ID or name.</param>
    /// <param name="path">The directory.</param>
    /// <param name="archive">The archive.</param>
    /// <param name="toContainerUser">Whether what is unpacked is to belong to the container's user.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task WriteContainerArchiveAsync(string id, string path, Stream archive, bool toContainerUser, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("PUT", Archive(id, path).Add("noOverwriteDirNonDir", true).Add("copyUIDGID", toContainerUser).ToString())
            {
                BodyStream = archive,
                ContentType = TarArchive,
            },
            cancellation);

    private static Query Archive(string id, string path) => new Query($"{Container(id)}/archive").Add("path", path);

    private static ContainerPathStat StatOf(HttpExchange exchange)
    {
        try
        {
            var header = Convert.FromBase64String(exchange.Head[PathStat] ?? "");
            return JsonSerializer.Deserialize(header, ApiJson.Wire.ContainerPathStat) ?? throw new JsonException("it is null");
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            throw new IOException($"unable to decode container path stat header: {error.Message}", error);
        }
    }
}
