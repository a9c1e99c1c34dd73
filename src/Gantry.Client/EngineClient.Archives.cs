using Gantry.Client.Http;

namespace Gantry.Client;

public sealed partial class EngineClient
{
    /// <summary>Unpacks an archive into a folder of a container.</summary>
    /// <param name="container">ID or name.</param>
    /// <param name="folder">The folder, absolute.</param>
    /// <param name="archive">The archive, as tar.</param>
    /// <param name="copyOwner">Whether files belong to whom the archive says.</param>
    /// <param name="cancellation">Ends the call.</param>
    public Task PutArchiveAsync(string container, string folder, Stream archive, bool copyOwner, CancellationToken cancellation = default) =>
        CallAsync(
            new HttpRequest("PUT", new Query($"{Container(container)}/archive").Add("path", folder).Add("noOverwriteDirNonDir", true)
                .Add("copyUIDGID", copyOwner).ToString())
            {
                BodyStream = archive,
                ContentType = TarArchive,
            },
            cancellation);

    /// <summary>A file or folder of a container as an archive.</summary>
    /// <param name="container">ID or name.</param>
    /// <param name="path">The file or folder.</param>
    /// <param name="cancellation">Ends the call.</param>
    public async Task<HttpExchange> GetArchiveAsync(string container, string path, CancellationToken cancellation = default) =>
        await SendAsync(new HttpRequest("GET", new Query($"{Container(container)}/archive").Add("path", path).ToString()), cancellation).ConfigureAwait(false);
}
