using System.Text;
using System.Text.Json;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>
/// Requests made at random of what clients can send: every operation of the API, names with odd bytes, versions, filters and documents. Each gets an answer
/// that
/// says whose fault it is, and the daemon goes on. A seed repeats a run that failed.
/// </summary>
[Trait("Only", "Gantry")]
public sealed class RequestFuzzTests(Engine engine) : IClassFixture<Engine>
{
    private const int Requests = 600;

    private static readonly string[] s_names =
        ["x", "nosuch", "", ".", "..", "%2e%2e", "%2F", "%00", "%ff%fe", "%e2%98%83", "a%20b", "%0d%0aX:%20y", "a:b@c", "sha256:0", "-f", "~", "{id}", "%25%73",
            "a%2f..%2fb", new('a', 300)];

    private static readonly string[] s_values =
        ["", "1", "0", "true", "-1", "99999999999999999999", "%00", "{", "{}", "[]", "null", "%7B%22a%22%3A%5B%22b%22%5D%7D",
            "%7B%22label%22%3A%7B%22%22%3Atrue%7D%7D", "%ff", "1e999", "NaN", "../../etc", "a=b&c", "2026-13-45T99%3A99"];

    private static readonly string[] s_queries =
        ["filters", "all", "limit", "size", "since", "until", "tail", "stdout", "stderr", "follow", "name", "platform", "force", "v", "link", "signal", "t",
            "h", "w", "tag", "path", "condition", "stream", "one-shot", "detachKeys", "digests", "type", "verbose", "scope", "ps_args", "changes", "q"];

    private static readonly string[] s_versions = [
        "", "/v1.56", "/v1.44", "/v1.24", "/v1.38", "/v1.23", "/v1.999", "/v2.0", "/v0.1", "/v1.", "/v1.44.1", "/V1.44"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_is_asked_is_answered(int seed)
    {
        var (random, operations, pid) = (new Random(seed), Operations(), engine.Daemon.Pid);
        for (var i = 0; i < Requests; i++)
        {
            var (method, template) = operations[random.Next(operations.Count)];
            var path = s_versions[random.Next(3) == 0 ? random.Next(s_versions.Length) : 0] + Fill(template, random) + Query(random);
            var body = method is "POST" or "PUT" && random.Next(3) > 0 ? Document(random, 0) : "";
            using var connection = RawHttp.Open(engine, method, path, body);
            var (status, _) = connection.ReadHead();
            Assert.True(status is (>= 101 and < 500) or 501 or 503, $"seed {seed}, request {i}: {status} for {method} {path} {body}");
        }
        Assert.Equal(pid, engine.Daemon.Pid);
        engine.Docker.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();
        Assert.Equal("served", engine.Docker.Text("run", "--rm", Engine.Image, "echo", "served"));
    }

    /// <summary>Docker's own, from its description of API 1.56, but those that ask registries.</summary>
    private static List<(string Method, string Template)> Operations()
    {
        string[] outside = ["/auth", "/images/search", "/distribution", "/push", "/images/create"];
        using var schema = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Schema", "engine-api-1.56.json")));
        return [.. schema.RootElement.GetProperty("operations").EnumerateObject().Select(operation => operation.Name.Split(' ', 2))
            .Where(operation => !outside.Any(part => operation[1].Contains(part, StringComparison.Ordinal))).Select(operation => (operation[0], operation[1]))];
    }

    private static string Fill(string template, Random random)
    {
        var path = new StringBuilder();
        foreach (var segment in template.Split('/', StringSplitOptions.RemoveEmptyEntries))
            path.Append('/').Append(segment.StartsWith('{') ? s_names[random.Next(s_names.Length)] : segment);
        return path.ToString();
    }

    private static string Query(Random random)
    {
        var parts = Enumerable.Range(0, random.Next(4)).Select(_ => $"{s_queries[random.Next(s_queries.Length)]}={s_values[random.Next(s_values.Length)]}");
        return "?" + string.Join('&', parts);
    }

    /// <summary>A document that is often one, and as often none.</summary>
    private static string Document(Random random, int depth) => random.Next(depth > 4 ? 6 : 10) switch
    {
        0 => "null",
        1 => "true",
        2 => random.NextInt64().ToString(System.Globalization.CultureInfo.InvariantCulture),
        3 => "\"" + s_values[random.Next(s_values.Length)] + "\"",
        4 => "{",
        5 => "\"\\ud800\\u0000\"",
        6 => "[" + string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => Document(random, depth + 1))) + "]",
        _ => "{" + string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => $"\"{Key(random)}\":{Document(random, depth + 1)}")) + "}",
    };

    private static string Key(Random random) =>
        new[] { "Image", "Cmd", "HostConfig", "Name", "Labels", "Driver", "IPAM", "Container", "AttachStdout", "Config", "NetworkMode", "Mounts", "a", "",
            "Options", "DetachKeys", "EndpointConfig" }[random.Next(17)];
}
