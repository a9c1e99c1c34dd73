using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Security;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Gantry.Oci.Images;

namespace Gantry.Registry.Client.Tests.Server;

/// <summary>A small registry that keeps to the protocol, except where <see cref="Fault"/> says otherwise.</summary>
internal sealed partial class TestRegistry : IAsyncDisposable
{
    private readonly TestHttpServer _server;
    private readonly ConcurrentDictionary<string, MemoryStream> _uploads = new();
    private int _nextUpload;

    public TestRegistry(SslServerAuthenticationOptions? tls = null) => _server = new TestHttpServer(Answer, tls);

    public string Authority => _server.Authority;

    public TestHttpServer Server => _server;

    public IEnumerable<TestRequest> Requests => _server.Requests;

    /// <summary>By <c>repository@digest</c>.</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>By <c>repository:tag</c> and <c>repository@digest</c>.</summary>
    public ConcurrentDictionary<string, (string Type, byte[] Bytes)> Manifests { get; } = new();

    /// <summary>Looks at each request first; an answer replaces the registry's own.</summary>
    public Func<TestRequest, TestResponse?>? Fault { get; set; }

    /// <summary>Takes chunks only, of at least so many bytes but the last.</summary>
    public int? LeastChunk { get; set; }

    /// <summary>Whether it keeps lists of referrers.</summary>
    public bool HasReferrers { get; set; } = true;

    public int PageSize { get; set; } = 1000;

    public Descriptor AddBlob(string repository, byte[] content, string type = MediaTypes.OciLayerGzip)
    {
        var digest = Digest.Compute(content);
        Blobs[$"{repository}@{digest}"] = content;
        return new Descriptor { MediaType = type, Digest = digest, Size = content.Length };
    }

    public Descriptor AddManifest(string repository, byte[] bytes, string type, string? tag = null)
    {
        var digest = Digest.Compute(bytes);
        Manifests[$"{repository}@{digest}"] = (type, bytes);
        if (tag is not null)
            Manifests[$"{repository}:{tag}"] = (type, bytes);
        return new Descriptor { MediaType = type, Digest = digest, Size = bytes.Length };
    }

    /// <summary>An image of one layer.</summary>
    public Descriptor AddImage(string repository, string? tag, byte[] layer, string config = "{}")
    {
        var manifest = ImageDocument.Create(new ImageManifest
        {
            MediaType = MediaTypes.OciManifest,
            Config = AddBlob(repository, Encoding.UTF8.GetBytes(config), MediaTypes.OciConfig),
            Layers = [AddBlob(repository, layer)],
        });
        return AddManifest(repository, manifest.Bytes.ToArray(), MediaTypes.OciManifest, tag);
    }

    public Descriptor AddIndex(string repository, string? tag, params Descriptor[] entries)
    {
        var index = ImageDocument.Create(new ImageIndex { MediaType = MediaTypes.OciIndex, Manifests = [.. entries] });
        return AddManifest(repository, index.Bytes.ToArray(), MediaTypes.OciIndex, tag);
    }

    public static TestResponse Error(int status, string code, string message, params (string, string)[] headers) =>
        TestResponse.Text(status, $$"""{"errors":[{"code":"{{code}}","message":"{{message}}"}]}""", headers);

    private TestResponse Answer(TestRequest request)
    {
        if (Fault?.Invoke(request) is { } fault)
            return fault;
        if (request.Path == "/v2/")
            return TestResponse.Text(200, "{}");
        if (request.Path == "/v2/_catalog")
            return List(request, "repositories", Manifests.Keys.Select(key => key.Split(':', '@')[0]));
        if (request.Path == "/v1/search")
            return TestResponse.Text(200, $$"""{"results":[{"name":"{{request.Query("q")[0]}}","description":null,"star_count":7,"is_official":true}]}""");
        var match = Route().Match(request.Path);
        if (!match.Success)
            return TestResponse.Text(404, "404 page not found");
        var (repository, rest) = (match.Groups[1].Value, match.Groups[3].Value);
        return match.Groups[2].Value switch
        {
            "manifests" => Manifest(request, repository, rest),
            "tags" => List(request, "tags", Manifests.Keys.Where(key =>
                key.StartsWith(repository + ":", StringComparison.Ordinal)).Select(key => key[(repository.Length + 1)..])),
            "referrers" => Referrers(request, repository, rest),
            _ => rest.StartsWith("uploads/", StringComparison.Ordinal) ? Upload(request, repository, rest["uploads/".Length..])
                : Blob(request, repository, rest),
        };
    }

    private TestResponse Manifest(TestRequest request, string repository, string reference)
    {
        var byDigest = reference.Contains(':', StringComparison.Ordinal);
        var key = repository + (byDigest ? "@" : ":") + reference;
        if (request.Method == "PUT")
        {
            var stored = AddManifest(repository, request.Body, request.Header("Content-Type")!, byDigest ? null : reference);
            var about = JsonNode.Parse(request.Body)?["subject"]?["digest"]?.ToString();
            var headers = new List<(string, string)> { ("Docker-Content-Digest", stored.Digest.ToString()), ("Location", request.Path) };
            if (about is not null && HasReferrers)
                headers.Add(("OCI-Subject", about));
            return new TestResponse(201, []) { Headers = headers };
        }
        if (!Manifests.TryGetValue(key, out var manifest))
            return Error(404, "MANIFEST_UNKNOWN", "manifest unknown");
        if (request.Method == "DELETE")
            return TestResponse.Text(Manifests.TryRemove(key, out _) ? 202 : 404);
        return new TestResponse(200, manifest.Bytes) { Headers = { ("Content-Type", manifest.Type),
            ("Docker-Content-Digest", Digest.Compute(manifest.Bytes).ToString()) } };
    }

    private TestResponse Blob(TestRequest request, string repository, string digest)
    {
        if (!Blobs.TryGetValue($"{repository}@{digest}", out var blob))
            return Error(404, "BLOB_UNKNOWN", "blob unknown to registry");
        if (request.Header("Range") is not { } range)
            return new TestResponse(200, blob);
        var from = int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        return from >= blob.Length
            ? TestResponse.Text(416)
            : new TestResponse(206, blob[from..]) { Headers = { ("Content-Range", $"bytes {from}-{blob.Length - 1}/{blob.Length}") } };
    }

    private TestResponse Upload(TestRequest request, string repository, string id)
    {
        if (request.Method == "POST")
        {
            if (request.Query("mount") is [var mount] && Blobs.TryGetValue($"{request.Query("from")[0]}@{mount}", out var content))
            {
                AddBlob(repository, content);
                return TestResponse.Text(201, "", ("Docker-Content-Digest", mount));
            }
            id = Interlocked.Increment(ref _nextUpload).ToString(CultureInfo.InvariantCulture);
            _uploads[id] = new MemoryStream();
            var begun = State(202, repository, id);
            if (LeastChunk is { } least)
                begun.Headers.Add(("OCI-Chunk-Min-Length", least.ToString(CultureInfo.InvariantCulture)));
            return begun;
        }
        if (!_uploads.TryGetValue(id, out var upload))
            return Error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
        if (request.Method == "GET")
            return State(204, repository, id);
        if (request.Method == "DELETE")
            return TestResponse.Text(_uploads.TryRemove(id, out _) ? 204 : 404);
        if (LeastChunk is not null && request.Method == "PUT" && request.Body.Length > 0)
            return TestResponse.Text(413);
        if (request.Header("Content-Range") is { } range && !range.StartsWith(upload.Length + "-", StringComparison.Ordinal))
            return TestResponse.Text(416);
        upload.Write(request.Body);
        if (request.Method == "PATCH")
            return State(202, repository, id);
        var digest = request.Query("digest")[0];
        if (Digest.Compute(upload.ToArray()).ToString() != digest)
            return Error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
        AddBlob(repository, upload.ToArray());
        return TestResponse.Text(201, "", ("Docker-Content-Digest", digest));
    }

    private TestResponse State(int status, string repository, string id) => TestResponse.Text(status, "",
        ("Location", $"/v2/{repository}/blobs/uploads/{id}?state=x"), ("Range", $"0-{Math.Max(0, _uploads[id].Length - 1)}"));

    private TestResponse List(TestRequest request, string member, IEnumerable<string> names)
    {
        var last = request.Query("last") is [var given] ? given : "";
        var page = names.Distinct().Order(StringComparer.Ordinal).Where(name =>
            string.CompareOrdinal(name, last) > 0).Take(PageSize).ToList();
        var response = TestResponse.Text(200,
            new JsonObject { [member] = new JsonArray([.. page.Select(name => JsonValue.Create(name))]) }.ToJsonString());
        if (page.Count == PageSize)
            response.Headers.Add(("Link", $"<{request.Path}?last={page[^1]}>; rel=\"next\""));
        return response;
    }

    private TestResponse Referrers(TestRequest request, string repository, string digest)
    {
        if (!HasReferrers)
            return TestResponse.Text(404, "404 page not found");
        var entries = from manifest in Manifests
                      where manifest.Key.StartsWith(repository + "@", StringComparison.Ordinal)
                      let document = JsonNode.Parse(manifest.Value.Bytes)!
                      where document["subject"]?["digest"]?.ToString() == digest
                      select new Descriptor
                      {
                          MediaType = manifest.Value.Type, Digest = Digest.Compute(manifest.Value.Bytes),
                              Size = manifest.Value.Bytes.Length,
                          ArtifactType = document["artifactType"]?.ToString(),
                      };
        var index = ImageDocument.Create(new ImageIndex { MediaType = MediaTypes.OciIndex, Manifests = [.. entries] });
        return new TestResponse(200, index.Bytes.ToArray()) { Headers = { ("Content-Type", MediaTypes.OciIndex) } };
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [GeneratedRegex("^/v2/(.+)/(manifests|blobs|tags|referrers)/(.+)$")]
    private static partial Regex Route();
}
