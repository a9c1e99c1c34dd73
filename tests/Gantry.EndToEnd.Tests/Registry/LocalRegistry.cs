using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Gantry.Registry.Client.Tests.Server;

namespace Gantry.EndToEnd.Tests.Registry;

/// <summary>Whom a registry lets in.</summary>
public enum RegistryAccess
{
    Everybody,
    Basic,
    Token,

    /// <summary>Tokens, and at a login one that lasts in the place of the password.</summary>
    IdentityToken,
}

/// <summary>A small registry on loopback, which knows one user.</summary>
internal sealed class LocalRegistry : IAsyncDisposable
{
    public const string User = "user";
    public const string Password = "secret";
    public const string IdentityToken = "an-identity-token";
    private const string Token = "a-token";
    private readonly TestHttpServer _server;
    private readonly RegistryAccess _access;
    private readonly ConcurrentDictionary<string, byte[]> _blobs = new();
    private readonly ConcurrentDictionary<string, MemoryStream> _uploads = new();
    private readonly ConcurrentDictionary<string, (string Type, byte[] Bytes)> _manifests = new();
    private int _nextUpload;

    public LocalRegistry(RegistryAccess access = RegistryAccess.Everybody, SslServerAuthenticationOptions? tls = null) =>
        (_access, _server) = (access, new TestHttpServer(request => Answer(request), tls));

    public string Authority => _server.Authority;

    public IEnumerable<TestRequest> Requests => _server.Requests;

    /// <summary>Falls silent after so many bytes of whatever blob is longer.</summary>
    public int? StallAfter { get; set; }

    public int Port => _server.Port;

    /// <summary>Looks at each request first; an answer replaces the registry's own.</summary>
    public Func<TestRequest, TestResponse?>? Fault { get; set; }

    /// <summary>All it has is in the other one as well.</summary>
    public void CopyTo(LocalRegistry other)
    {
        foreach (var (key, blob) in _blobs) other._blobs[key] = blob;
        foreach (var (key, manifest) in _manifests) other._manifests[key] = manifest;
    }

    /// <summary>Puts a blob in; gives its digest.</summary>
    public string AddBlob(string repository, byte[] content)
    {
        _blobs[$"{repository}@{DigestOf(content)}"] = content;
        return DigestOf(content);
    }

    public void RemoveBlob(string repository, string digest) => _blobs.TryRemove($"{repository}@{digest}", out _);

    public void AddManifest(string repository, string tag, string type, byte[] bytes) =>
        _manifests[$"{repository}:{tag}"] = _manifests[$"{repository}@{DigestOf(bytes)}"] = (type, bytes);

    public bool HasBlob(string repository, string digest) => _blobs.ContainsKey($"{repository}@{digest}");

    public byte[] Blob(string repository, string digest) => _blobs[$"{repository}@{digest}"];

    public static string DigestOf(byte[] bytes) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes));

    public (string Type, byte[] Bytes) Manifest(string name) => _manifests[name];

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public TestResponse Answer(TestRequest request)
    {
        if (Fault?.Invoke(request) is { } fault)
            return fault;
        if (request.Path == "/token")
            return AnswerToken(request);
        if (!IsAllowed(request))
        {
            var challenge = _access == RegistryAccess.Basic ? "Basic realm=\"test\"" : $"Bearer realm=\"http://{Authority}/token\",service=\"test\"";
            var refused = Error(401, "UNAUTHORIZED", "authentication required");
            refused.Headers.Add(("WWW-Authenticate", challenge));
            return refused;
        }
        var parts = request.Path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var verb = Array.FindIndex(parts, part => part is "tags" or "manifests" or "blobs");
        var name = verb > 1 ? string.Join('/', parts[1..verb]) : "";
        return parts[Math.Max(verb, 0)..] switch
        {
            ["v2"] => TestResponse.Text(200, "{}"),
            ["tags", "list"] => Tags(name),
            ["manifests", var reference] => Manifest(request, name, reference),
            ["blobs", "uploads", .. var id] => Upload(request, name, id.FirstOrDefault()),
            ["blobs", var digest] => Blob(request, $"{name}@{digest}"),
            _ => TestResponse.Text(404, "404 page not found"),
        };
    }

    private TestResponse AnswerToken(TestRequest request)
    {
        var asksWithToken = request.Method == "POST" && Encoding.UTF8.GetString(request.Body) is var form
            && form.Contains("grant_type=refresh_token", StringComparison.Ordinal) && form.Contains($"refresh_token={IdentityToken}", StringComparison.Ordinal);
        if (_access == RegistryAccess.IdentityToken && asksWithToken)
            return TestResponse.Text(200, $$"""{"access_token":"{{Token}}"}""");
        if (!IsUser(request))
            return Error(401, "UNAUTHORIZED", "incorrect username or password");
        return _access == RegistryAccess.IdentityToken && request.Query("offline_token") is ["true"]
            ? TestResponse.Text(200, $$"""{"token":"{{Token}}","refresh_token":"{{IdentityToken}}"}""")
            : TestResponse.Text(200, $$"""{"token":"{{Token}}"}""");
    }

    private TestResponse Blob(TestRequest request, string key)
    {
        if (!_blobs.TryGetValue(key, out var blob))
            return Error(404, "BLOB_UNKNOWN", "blob unknown to registry");
        var range = request.Header("Range");
        var from = range is null ? 0 : int.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture);
        var answer = new TestResponse(range is null ? 200 : 206, blob[from..]) { StallAfter = StallAfter < blob.Length - from ? StallAfter : null };
        if (range is not null)
            answer.Headers.Add(("Content-Range", $"bytes {from}-{blob.Length - 1}/{blob.Length}"));
        return answer;
    }

    private bool IsAllowed(TestRequest request) => _access switch
    {
        RegistryAccess.Basic => IsUser(request),
        RegistryAccess.Token or RegistryAccess.IdentityToken => request.Header("Authorization") == "Bearer " + Token,
        _ => true,
    };

    private static bool IsUser(TestRequest request) =>
        request.Header("Authorization") == "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));

    private TestResponse Tags(string repository)
    {
        var tags = _manifests.Keys.Where(key => key.StartsWith(repository + ":", StringComparison.Ordinal)).Select(key => key[(repository.Length + 1)..]);
        return TestResponse.Text(
            200, new JsonObject { ["name"] = repository, ["tags"] = new JsonArray([.. tags.Order().Select(tag => JsonValue.Create(tag))]) }.ToJsonString());
    }

    private TestResponse Manifest(TestRequest request, string repository, string reference)
    {
        var key = repository + (reference.Contains(':', StringComparison.Ordinal) ? "@" : ":") + reference;
        if (request.Method == "PUT")
        {
            var stored = (request.Header("Content-Type")!, request.Body);
            _manifests[key] = _manifests[$"{repository}@{DigestOf(request.Body)}"] = stored;
            return TestResponse.Text(201, "", ("Docker-Content-Digest", DigestOf(request.Body)));
        }
        return _manifests.TryGetValue(key, out var manifest)
            ? new TestResponse(200, manifest.Bytes) { Headers = { ("Content-Type", manifest.Type), ("Docker-Content-Digest", DigestOf(manifest.Bytes)) } }
            : Error(404, "MANIFEST_UNKNOWN", "manifest unknown");
    }

    private TestResponse Upload(TestRequest request, string repository, string? id)
    {
        if (id is null)
        {
            if (request.Query("mount") is [var digest] && _blobs.TryGetValue($"{request.Query("from")[0]}@{digest}", out var mounted))
            {
                _blobs[$"{repository}@{digest}"] = mounted;
                return TestResponse.Text(201, "", ("Docker-Content-Digest", digest));
            }
            id = Interlocked.Increment(ref _nextUpload).ToString(CultureInfo.InvariantCulture);
            _uploads[id] = new MemoryStream();
        }
        var upload = _uploads[id];
        upload.Write(request.Body);
        if (request.Method != "PUT")
        {
            return TestResponse.Text(
                202, "", ("Location", $"/v2/{repository}/blobs/uploads/{id}"), ("Range", $"0-{Math.Max(0, upload.Length - 1)}"));
        }
        var actual = DigestOf(upload.ToArray());
        if (actual != request.Query("digest")[0])
            return Error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
        _blobs[$"{repository}@{actual}"] = upload.ToArray();
        return TestResponse.Text(201, "", ("Docker-Content-Digest", actual));
    }

    private static TestResponse Error(int status, string code, string message) =>
        TestResponse.Text(status, $$"""{"errors":[{"code":"{{code}}","message":"{{message}}"}]}""");
}
