using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Gantry.Build.Graph;
using Gantry.Build.Progress;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;

namespace Gantry.Build.Contexts;

/// <summary>Brings files from the web.</summary>
internal sealed class WebSources(FileStore files)
{
    private const int MostRemembered = 1000;
    private readonly ConcurrentDictionary<string, Downloaded> _downloaded = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.None })
        { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Downloads a file; one that the server says has not changed is not sent again.</summary>
    /// <exception cref="GantryException">The server does not have it, or it is not what it has to be.</exception>
    public async Task<FileSet> DownloadAsync(HttpSource source, ProgressStep step, CancellationToken cancellation)
    {
        // What it has to be is known and here: nobody need be asked.
        if (!source.Checksum.IsEmpty && files.Contains(source.Checksum))
            return One(source, source.Checksum, null);
        using var request = new HttpRequestMessage(HttpMethod.Get, source.Url);
        var before = source.Checksum.IsEmpty && _downloaded.TryGetValue(source.Url, out var known) && files.Contains(known.Content) ? known : null;
        if (before is not null)
            request.Headers.IfNoneMatch.Add(before.Tag);
        try
        {
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
            if (response.StatusCode == HttpStatusCode.NotModified && before is not null)
                return One(source, before.Content, before.Modified);
            if (!response.IsSuccessStatusCode)
                throw new GantryException(ErrorKind.NotFound, $"download {source.Url}: the server answered {(int)response.StatusCode} {response.ReasonPhrase}");
            var content = await ReceiveAsync(response, source, step, cancellation);
            Remember(source, response, content);
            return One(source, content, response.Content.Headers.LastModified);
        }
        catch (HttpRequestException error)
        {
            throw new GantryException(ErrorKind.Unavailable, $"download {source.Url}: {error.Message}", error);
        }
    }

    private void Remember(HttpSource source, HttpResponseMessage response, Digest content)
    {
        if (response.Headers.ETag is not { } tag)
            return;
        if (_downloaded.Count >= MostRemembered)
            _downloaded.Clear();
        _downloaded[source.Url] = new Downloaded(tag, content, response.Content.Headers.LastModified);
    }

    private async Task<Digest> ReceiveAsync(HttpResponseMessage response, HttpSource source, ProgressStep step, CancellationToken cancellation)
    {
        using var writer = files.Create();
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        var buffer = new byte[1 << 16];
        long done = 0;
        int count;
        while ((count = await body.ReadAsync(buffer, cancellation)) > 0)
        {
            writer.Write(buffer.AsSpan(0, count));
            done += count;
            step.Part(source.FileName, "downloading", done, response.Content.Headers.ContentLength ?? 0);
        }
        var digest = writer.Commit();
        return source.Checksum.IsEmpty || digest == source.Checksum
            ? digest : throw GantryException.Invalid($"digest mismatch {digest}: {source.Checksum}");
    }

    private FileSet One(HttpSource source, Digest content, DateTimeOffset? modified)
    {
        using var file = files.Open(content);
        return new FileSet(
        [
            new FileSetEntry
            {
                Path = source.FileName, Kind = FileKind.Regular, Permissions = source.Permissions, UserId = source.UserId, GroupId = source.GroupId,
                Size = FileStatusReader.Read(file).Size, Content = content, Modified = new FileTime(modified?.ToUnixTimeSeconds() ?? 0, 0),
            },
        ]);
    }

    /// <summary>What a server gave, and what it calls that version of it.</summary>
    private sealed record Downloaded(EntityTagHeaderValue Tag, Digest Content, DateTimeOffset? Modified);
}
