using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Gantry.Api.Tests.Schema;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>
/// Every operation of the Engine API, sent to a running engine: each status is one that the schema knows, each answer has the schema's names and
/// types, and what is required. The schema is that of <c>eng/api-schema</c>.
/// </summary>
[Trait("Only", "Gantry")]
public sealed class OperationTests : IClassFixture<Engine>, IDisposable
{
    private const string NoSwarm = "swarm";

    // Statuses that the schema has not, and docker answers nevertheless.
    private static readonly Dictionary<string, int[]> s_besidesTheSchema = new()
    {
        ["POST /build"] = [501], // Of a context that is elsewhere.
        ["POST /session"] = [400, 501], // Without an upgrade it is no session.
        ["GET /plugins/privileges"] = [501], ["POST /plugins/pull"] = [501], ["POST /plugins/create"] = [501], ["DELETE /plugins/{name}"] = [501],
        ["POST /plugins/{name}/enable"] = [501], ["POST /plugins/{name}/disable"] = [501], ["POST /plugins/{name}/upgrade"] = [501],
        ["POST /plugins/{name}/push"] = [501], ["POST /plugins/{name}/set"] = [501],
    };

    // Names in answers that are Gantry's own, or not in the schema though docker sends them; or there, and docker never sends them.
    private static readonly string[] s_beyond =
        [".LastUsedAt is not in the schema", ".IDMapping is not in the schema", "$.status is not", "$.id is not", "$.from is not",
            "ImageData.UnpackedSize is missing", ".OnFailure is not in the schema"];

    private readonly ApiSchema _schema = ApiSchema.Load();
    private readonly Engine _engine;
    private readonly HttpClient _client;
    private readonly Dictionary<string, string> _names = [];
    private readonly List<string> _problems = [];
    private readonly HashSet<string> _sent = [];

    public OperationTests(Engine engine)
    {
        _engine = engine;
        _client = new HttpClient(
            new SocketsHttpHandler { ConnectCallback = (_, _) => new ValueTask<Stream>(new NetworkStream(engine.Connect(), ownsSocket: true)) })
        {
            BaseAddress = new Uri("http://engine/v1.56/"),
        };
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task Every_operation_answers_as_the_schema_says()
    {
        await SystemAsync();
        await ImagesAsync();
        await ContainersAsync();
        await ExecAsync();
        await NetworksAsync();
        await VolumesAsync();
        await PluginsAsync();
        await SwarmAsync();

        foreach (var operation in _schema.Operations.Keys.Where(operation => !_sent.Contains(operation)))
            _problems.Add($"{operation} was not sent");
        Assert.True(_problems.Count == 0, string.Join('\n', _problems));
    }

    private async Task SystemAsync()
    {
        await SendAsync("GET /_ping", 200);
        await SendAsync("HEAD /_ping", 200);
        await SendAsync("GET /version", 200);
        await SendAsync("GET /info", 200);
        await SendAsync("GET /system/df", 200);
        await SendAsync("GET /system/df", 200, query: "verbose=true&type=container&type=image");
        await SendAsync("GET /events", 200, query: "since=0&until=1");
        await SendAsync("GET /events", 400, query: "since=x");
        await SendAsync("POST /auth", 500, """{"username":"u","password":"p","serveraddress":"127.0.0.1:1"}""");
        await SendAsync("POST /session", 400, mayBe: 501);
    }

    private async Task ImagesAsync()
    {
        _names["{name}"] = Engine.Image;
        await SendAsync("GET /images/json", 200, query: "manifests=true&shared-size=true&digests=true");
        await SendAsync("GET /images/{name}/json", 200, query: "manifests=true");
        await SendAsync("GET /images/{name}/history", 200);
        await SendAsync("POST /images/{name}/tag", 201, query: "repo=e2e-operations&tag=1");
        await SendAsync("POST /images/{name}/tag", 400, query: "repo=INVALID");
        var archive = await SendAsync("GET /images/{name}/get", 200);
        await SendAsync("GET /images/get", 200, query: "names=" + Engine.Image);
        await SendAsync("POST /images/load", 200, content: Archive(archive.Bytes));
        await SendAsync("POST /images/create", 200, query: "fromSrc=-&repo=e2e-operations&tag=imported", content: Archive(Tar("f", "x")));
        await SendAsync("POST /images/create", 500, query: "fromImage=127.0.0.1:1/nosuch&tag=1");
        await SendAsync("GET /images/search", 500, query: "term=127.0.0.1:1/nosuch");
        _names["{name}"] = "127.0.0.1:1/nosuch";
        await SendAsync("GET /distribution/{name}/json", 500);
        await SendAsync("POST /images/{name}/push", 404, query: "tag=1", mayBe: 200);
        await SendAsync("GET /images/{name}/json", 404);
        await SendAsync("GET /images/{name}/history", 404);
        await SendAsync("GET /images/{name}/attestations", 501, mayBe: 404);
        await SendAsync("DELETE /images/{name}", 404);
        await SendAsync("POST /build", 200, query: "t=e2e-operations:built", content: Archive(Tar("Dockerfile", $"FROM {Engine.Image}\nLABEL a=b\n")));
        await SendAsync("POST /build", 400, query: "remote=nosuch://x", mayBe: 501);
        await SendAsync("POST /build/prune", 200);
        foreach (var tag in (string[])["built", "imported", "1"])
        {
            _names["{name}"] = $"e2e-operations:{tag}";
            await SendAsync("DELETE /images/{name}", 200);
        }
        await SendAsync("POST /images/prune", 200, query: "filters=" + Uri.EscapeDataString("""{"label":["nosuch"]}"""));
    }

    private async Task ContainersAsync()
    {
        var name = _engine.NewName();
        var body = $$$"""{"Image":"{{{Engine.Image}}}","Cmd":["sleep","600"],"Labels":{"a":"b"},"ExposedPorts":{"80/tcp":{}},"HostConfig":{"Memory":67108864,"NetworkMode":"bridge"},"Healthcheck":{"Test":["CMD","true"],"Interval":1000000000}}""";
        _names["{id}"] = name;
        await SendAsync("POST /containers/create", 201, body, "name=" + name);
        await SendAsync("POST /containers/create", 409, body, "name=" + name);
        await SendAsync("POST /containers/create", 404, """{"Image":"nosuch-e2e"}""");
        await SendAsync("POST /containers/create", 400, """{"Image":"x","HostConfig":{"IpcMode":"nosuch"}}""");
        await SendAsync("POST /containers/{id}/start", 204);
        await SendAsync("POST /containers/{id}/start", 304);
        await SendAsync("GET /containers/json", 200, query: "all=true&size=true");
        await SendAsync("GET /containers/json", 400, query: "filters=" + Uri.EscapeDataString("""{"nosuch":["x"]}"""));
        await SendAsync("GET /containers/{id}/json", 200, query: "size=true");
        await SendAsync("GET /containers/{id}/top", 200);
        await SendAsync("GET /containers/{id}/logs", 200, query: "stdout=true");
        await SendAsync("GET /containers/{id}/changes", 200);
        await SendAsync("GET /containers/{id}/export", 200);
        await SendAsync("GET /containers/{id}/stats", 200, query: "stream=false&one-shot=true");
        await SendAsync("POST /containers/{id}/resize", 200, query: "h=20&w=80");
        await SendAsync("POST /containers/{id}/update", 200, """{"Memory":134217728,"MemorySwap":268435456}""");
        await SendAsync("PUT /containers/{id}/archive", 200, query: "path=/tmp", content: Archive(Tar("f", "x")));
        await SendAsync("HEAD /containers/{id}/archive", 200, query: "path=/tmp/f");
        await SendAsync("GET /containers/{id}/archive", 200, query: "path=/tmp/f");
        await SendAsync("GET /containers/{id}/archive", 404, query: "path=/nosuch");
        await SendAsync("GET /containers/{id}/archive", 400);
        await SendAsync("POST /commit", 201, "{}", query: $"container={name}&repo=e2e-operations&tag=committed");
        _engine.Docker.Run("rmi", "e2e-operations:committed").Succeeded();
        Hijack("POST /containers/{id}/attach", $"/v1.56/containers/{name}/attach?stream=1&stdout=1", "Upgrade: tcp\r\nConnection: Upgrade\r\n");
        Hijack("GET /containers/{id}/attach/ws", $"/v1.56/containers/{name}/attach/ws?stream=1&stdout=1",
            "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n");
        await SendAsync("POST /containers/{id}/pause", 204);
        await SendAsync("POST /containers/{id}/unpause", 204);
        await SendAsync("POST /containers/{id}/restart", 204, query: "t=0");
        var renamed = _engine.NewName();
        await SendAsync("POST /containers/{id}/rename", 204, query: "name=" + renamed);
        _names["{id}"] = renamed;
        await SendAsync("POST /containers/{id}/kill", 204, query: "signal=USR1");
        await SendAsync("POST /containers/{id}/stop", 204, query: "t=0");
        await SendAsync("POST /containers/{id}/stop", 304);
        await SendAsync("POST /containers/{id}/kill", 409);
        await SendAsync("POST /containers/{id}/wait", 200);
        await SendAsync("POST /containers/{id}/wait", 400, query: "condition=nosuch");
        await SendAsync("DELETE /containers/{id}", 204, query: "v=true");
        foreach (var operation in _schema.Operations.Where(pair => pair.Key.Contains("/containers/{id}", StringComparison.Ordinal) && pair.Value.Contains(404))
            .Select(pair => pair.Key))
        {
            var query = operation.EndsWith("/archive", StringComparison.Ordinal) ? "path=/" : operation.EndsWith("/resize", StringComparison.Ordinal)
                ? "h=1&w=1" : "name=x&stdout=1";
            var content = operation.StartsWith("PUT", StringComparison.Ordinal) ? Archive(Tar("f", "x")) : null;
            await SendAsync(operation, 404, operation.EndsWith("/update", StringComparison.Ordinal) ? "{}"
                : operation.EndsWith("/exec", StringComparison.Ordinal) ? """{"Cmd":["x"]}""" : null, query, content);
        }
        await SendAsync("POST /containers/prune", 200, query: "filters=" + Uri.EscapeDataString("""{"label":["nosuch"]}"""));
    }

    private async Task ExecAsync()
    {
        _names["{id}"] = _engine.RunShell("exec sleep 600");
        var created = await SendAsync("POST /containers/{id}/exec", 201, """{"Cmd":["sleep","600"],"AttachStdout":true,"Tty":true}""");
        _names["{id}"] = JsonDocument.Parse(created.Bytes).RootElement.GetProperty("Id").GetString()!;
        await SendAsync("GET /exec/{id}/json", 200);
        await SendAsync("POST /exec/{id}/start", 200, """{"Detach":true,"Tty":true}""");
        await SendAsync("POST /exec/{id}/resize", 200, query: "h=10&w=10");
        await SendAsync("POST /exec/{id}/resize", 400, query: "h=x&w=10");
        await SendAsync("POST /exec/{id}/start", 409, """{"Detach":true}""");
        _names["{id}"] = "nosuch";
        await SendAsync("GET /exec/{id}/json", 404);
        await SendAsync("POST /exec/{id}/start", 404, "{}");
        await SendAsync("POST /exec/{id}/resize", 404, query: "h=10&w=10");
    }

    private async Task NetworksAsync()
    {
        var container = _engine.RunShell("exec sleep 600");
        await SendAsync("GET /networks", 200);
        await SendAsync("POST /networks/create", 201, """{"Name":"e2e-operations","Labels":{"a":"b"}}""");
        await SendAsync("POST /networks/create", 403, """{"Name":"bridge"}""");
        _names["{id}"] = "e2e-operations";
        await SendAsync("POST /networks/{id}/connect", 200, $$"""{"Container":"{{container}}"}""");
        await SendAsync("GET /networks/{id}", 200, query: "verbose=true");
        await SendAsync("POST /networks/{id}/disconnect", 200, $$"""{"Container":"{{container}}"}""");
        await SendAsync("DELETE /networks/{id}", 204);
        await SendAsync("GET /networks/{id}", 404);
        await SendAsync("DELETE /networks/{id}", 404);
        await SendAsync("POST /networks/{id}/connect", 404, $$"""{"Container":"{{container}}"}""");
        await SendAsync("POST /networks/{id}/disconnect", 404, $$"""{"Container":"{{container}}"}""");
        _names["{id}"] = "bridge";
        await SendAsync("DELETE /networks/{id}", 403);
        await SendAsync("POST /networks/prune", 200, query: "filters=" + Uri.EscapeDataString("""{"label":["nosuch"]}"""));
    }

    private async Task VolumesAsync()
    {
        _names["{name}"] = "e2e-operations";
        await SendAsync("POST /volumes/create", 201, """{"Name":"e2e-operations","Labels":{"a":"b"}}""");
        await SendAsync("GET /volumes", 200);
        await SendAsync("GET /volumes/{name}", 200);
        await SendAsync("PUT /volumes/{name}", 400, "{}", "version=1", mayBe: 503);
        await SendAsync("DELETE /volumes/{name}", 204);
        await SendAsync("GET /volumes/{name}", 404);
        await SendAsync("DELETE /volumes/{name}", 404);
        await SendAsync("POST /volumes/prune", 200);
    }

    private async Task PluginsAsync()
    {
        _names["{name}"] = "nosuch";
        await SendAsync("GET /plugins", 200);
        await SendAsync("GET /plugins/{name}/json", 404);
        foreach (var operation in _schema.Operations.Keys.Where(operation =>
            operation.Contains(" /plugins", StringComparison.Ordinal) && !_sent.Contains(operation)))
            await SendAsync(operation, 501, "[]");
    }

    private async Task SwarmAsync()
    {
        _names["{id}"] = "nosuch";
        foreach (var operation in _schema.Operations.Keys.Where(operation =>
            operation.Split('/')[1] is NoSwarm or "nodes" or "services" or "tasks" or "secrets" or "configs"))
        {
            var answer = await SendAsync(operation, 503, operation.StartsWith("POST", StringComparison.Ordinal) ? "{}" : null);
            if (!answer.Text.Contains(NoSwarm, StringComparison.Ordinal))
                _problems.Add($"{operation}: {answer.Text}");
        }
    }

    private async Task<Answer> SendAsync(string operation, int status, string? json = null, string query = "", HttpContent? content = null, int mayBe = 0)
    {
        _sent.Add(operation);
        var (method, path) = operation.Split(' ') is [var verb, var template] ? (verb, template) : ("", "");
        foreach (var (parameter, value) in _names)
            path = path.Replace(parameter, value, StringComparison.Ordinal);
        using var request = new HttpRequestMessage(new HttpMethod(method), path[1..] + (query.Length > 0 ? "?" + query : ""));
        request.Content = content ?? (json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"));
        using var response = await _client.SendAsync(request);
        var answer = new Answer((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync());
        Check($"{operation}{(query.Length > 0 ? $" ({query})" : "")}", operation, answer, status, mayBe);
        return answer;
    }

    private void Check(string what, string operation, Answer answer, int status, int mayBe)
    {
        if (answer.Status != status && answer.Status != mayBe)
            _problems.Add($"{what}: {answer.Status}, not {status}: {answer.Text}");
        if (!_schema.Operations[operation].Contains(answer.Status) && !s_besidesTheSchema.GetValueOrDefault(operation, []).Contains(answer.Status))
            _problems.Add($"{what}: the schema does not know the status {answer.Status}");
        if (operation.StartsWith("HEAD", StringComparison.Ordinal))
            return;
        if (answer.Status >= 400)
            Validate(what, _schema.Definition("ErrorResponse"), answer.Bytes);
        else if (answer.Status is 200 or 201 && _schema.TryAnswer(operation, out var schema) && answer.Bytes.Length > 0)
            Validate(what, schema, answer.Bytes);
    }

    private void Validate(string what, JsonElement schema, byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            _problems.AddRange(_schema.Check(schema, document.RootElement)
                .Where(problem => !s_beyond.Any(known => problem.Contains(known, StringComparison.Ordinal))).Select(problem => $"{what}: {problem}"));
        }
        catch (JsonException)
        {
            _problems.Add($"{what}: no JSON: {Encoding.UTF8.GetString(body)}");
        }
    }

    private void Hijack(string operation, string path, string headers)
    {
        _sent.Add(operation);
        using var connection = RawHttp.Open(_engine, operation.Split(' ')[0], path, headers: headers);
        var (status, _) = connection.ReadHead();
        if (status != 101)
            _problems.Add($"{operation}: {status}, not 101");
    }

    private static ByteArrayContent Archive(byte[] tar)
    {
        var content = new ByteArrayContent(tar);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        return content;
    }

    private static byte[] Tar(string name, string text)
    {
        using var archive = new MemoryStream();
        using (var writer = new System.Formats.Tar.TarWriter(archive, leaveOpen: true))
            writer.WriteEntry(new System.Formats.Tar.PaxTarEntry(
                System.Formats.Tar.TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)) });
        return archive.ToArray();
    }

    private sealed record Answer(int Status, byte[] Bytes)
    {
        public string Text => Encoding.UTF8.GetString(Bytes);
    }
}
