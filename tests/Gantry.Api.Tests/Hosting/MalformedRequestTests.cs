using Gantry.Api.Hosting;
using Gantry.Api.Model;
using Gantry.Api.Routing;
using Gantry.Oci;

namespace Gantry.Api.Tests.Hosting;

/// <summary>Requests that no client sends: each gets an answer that says so, in docker's form where docker's own parser is not the one that refuses.</summary>
public class MalformedRequestTests
{
    private const string Post = "POST /body HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";

    [Theory]
    [InlineData("garbage\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET /ping HTTP/9.9\r\n\r\n", "HTTP/1.1 505")]
    [InlineData("GET /things/%00/json HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET /things/a\0b/json HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET /ping HTTP/1.1\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("GET /ping HTTP/1.1\r\nHost: x\r\nNo colon\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 400")]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\r\n\r\n", "HTTP/1.1 400")]
    public async Task What_is_no_request_is_refused(string request, string status)
    {
        await using var server = await TestServer.StartAsync(Routes());
        Assert.StartsWith(status, await server.SendAsync(request));
        Assert.Contains("pong\n", await server.AskAsync("GET", "/ping"));
    }

    [Theory]
    [InlineData("BREW", "/ping", 404, "page not found")]
    [InlineData("PUT", "/ping", 404, "page not found")]
    [InlineData("GET", "/v1.x/ping", 404, "page not found")]
    [InlineData("GET", "/v1/ping", 404, "page not found")]
    [InlineData("GET", "/v1.24.1/ping", 404, "page not found")]
    [InlineData("GET", "/v-1.24/ping", 404, "page not found")]
    [InlineData("GET", "/v9.99/ping", 400, "client version 9.99 is too new. Maximum supported API version is 1.56")]
    [InlineData("GET", "/things/%ff%fe/json", 404, "No such thing: %ff%fe")]
    [InlineData("GET", "/things/%zz/json", 404, "No such thing: %zz")]
    [InlineData("GET", "/ping?x=%00", 400, "the request's path or query holds a NUL character")]
    public async Task What_is_no_operation_is_refused(string method, string path, int status, string message)
    {
        await using var server = await TestServer.StartAsync(Routes());
        var answer = await server.AskAsync(method, path);
        Assert.StartsWith($"HTTP/1.1 {status}", answer);
        Assert.EndsWith($$"""{"message":"{{message}}"}""" + "\n", answer);
    }

    [Fact]
    public async Task An_over_long_name_is_not_found()
    {
        await using var server = await TestServer.StartAsync(Routes());
        var name = new string('n', 30_000);
        Assert.EndsWith($$"""{"message":"No such thing: {{name}}"}""" + "\n", await server.AskAsync("GET", $"/things/{name}/json"));
    }

    [Theory]
    [InlineData("{\"Image\":\"\u00ff\u00fe\"}", "Image is no text in UTF-8")]
    [InlineData("{\"Image\":\"\\ud800\"}", "Image is no text in UTF-8")]
    [InlineData("{\"Image\":\"a\\u0000b\"}", "a text holds a NUL character")]
    [InlineData("{\"Labels\":{\"a\\u0000b\":\"x\"}}", "a text holds a NUL character")]
    [InlineData("{\"Image\":\"\\ud800\\u0000\"}", "half of a surrogate pair")]
    [InlineData("{\"Cmd\":[null]}", "an array holds null")]
    [InlineData("{\"HostConfig\":{\"Binds\":[\"a\",null]}}", "an array holds null")]
    [InlineData("{\"Image\":{}}", "json: cannot unmarshal object into Go struct field .Image of type string")]
    [InlineData("{\"HostConfig\":{\"Memory\":\"1\"}}", "json: cannot unmarshal string into Go struct field .HostConfig.Memory of type int64")]
    [InlineData("{\"HostConfig\":{\"Memory\":1e400}}", "json: cannot unmarshal number 1e400 into Go struct field .HostConfig.Memory of type int64")]
    [InlineData("{\"HostConfig\":{\"Memory\":99999999999999999999}}",
        "json: cannot unmarshal number 99999999999999999999 into Go struct field .HostConfig.Memory of type int64")]
    [InlineData("{\"HostConfig\":[]}", "json: cannot unmarshal array into Go struct field .HostConfig of type container.HostConfig")]
    [InlineData("[]", "json: cannot unmarshal array into Go value of type container.CreateRequest")]
    [InlineData("\"x\"", "json: cannot unmarshal string into Go value of type container.CreateRequest")]
    [InlineData("{\"a\":1,}", "invalid JSON")]
    [InlineData("{'a':1}", "invalid JSON")]
    [InlineData("\u00ef\u00bb\u00bf{}", "invalid JSON")]
    public async Task What_is_no_document_is_refused(string body, string message)
    {
        await using var server = await TestServer.StartAsync(Routes());
        var answer = await server.SendAsync($"{Post}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.StartsWith("HTTP/1.1 400", answer);
        Assert.Contains(message, answer);
    }

    [Fact]
    public async Task A_document_nested_without_end_is_refused()
    {
        await using var server = await TestServer.StartAsync(Routes());
        var body = string.Concat(Enumerable.Repeat("{\"a\":[", 100_000));
        Assert.Contains("invalid JSON", await server.SendAsync($"{Post}Content-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n{body}"));
    }

    [Theory]
    [InlineData("{\"Nonsense\":{\"a\":[1,[2]]},\"Image\":\"x\"}")]
    [InlineData("{\"image\":\"x\"}")]
    [InlineData("{\"Image\":\"a\",\"Image\":\"x\"}")]
    [InlineData("{\"Image\":null,\"Cmd\":null,\"HostConfig\":null}")]
    [InlineData("{\"Image\":\"\\\\u0000\"}")]
    public async Task What_docker_tolerates_is_tolerated(string body)
    {
        await using var server = await TestServer.StartAsync(Routes());
        Assert.StartsWith("HTTP/1.1 200", await server.AskAsync("POST", "/body", "Content-Type: application/json\r\n", body));
    }

    [Theory]
    [InlineData("zz\r\n{}\r\n0\r\n\r\n")]
    [InlineData("-2\r\n{}\r\n0\r\n\r\n")]
    [InlineData("ffffffffffffffff\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2\r\n{}xx\r\n0\r\n\r\n")]
    public async Task Chunks_that_are_none_are_refused(string chunks)
    {
        await using var server = await TestServer.StartAsync(Routes());
        Assert.StartsWith("HTTP/1.1 400", await server.SendAsync($"{Post}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"));
        Assert.Contains("pong\n", await server.AskAsync("GET", "/ping"));
    }

    [Fact]
    public async Task Random_damage_does_not_stop_the_server()
    {
        await using var server = await TestServer.StartAsync(
            Routes(), limits: new ApiLimits { HeaderTime = TimeSpan.FromSeconds(1), IdleTime = TimeSpan.FromSeconds(1), BodyTime = TimeSpan.FromSeconds(1) });
        const string Whole = Post + "Content-Type: application/json\r\nContent-Length: 32\r\n\r\n{\"Image\":\"x\",\"HostConfig\":null } ";
        var random = new Random(11);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(_ =>
        {
            var damaged = Whole.ToCharArray();
            for (var count = random.Next(1, 6); count > 0; count--) damaged[random.Next(damaged.Length)] = (char)random.Next(256);
            return server.SendAsync(new string(damaged));
        }));
        Assert.Contains("pong\n", await server.AskAsync("GET", "/ping"));
    }

    private static RouteTable Routes() => new RouteTable()
        .Add("GET", "/ping", async call => await call.Http.Response.Body.WriteAsync("pong\n"u8.ToArray()))
        .Add("GET", "/things/{name...}/json", call => throw GantryException.NotFound($"No such thing: {call.Path("name")}"))
        .Add("POST", "/body", async call =>
        {
            await call.ReadJsonAsync(ApiJson.Wire.ContainerCreateRequest);
            await call.AnswerAsync(200);
        });
}
