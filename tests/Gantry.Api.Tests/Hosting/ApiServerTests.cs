using Gantry.Api.Hosting;
using Gantry.Api.Model;
using Gantry.Api.Routing;
using Gantry.Oci;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gantry.Api.Tests.Hosting;

public class ApiServerTests
{
    [Theory]
    [InlineData("GET", "/nothing", "HTTP/1.1 404", """{"message":"page not found"}""")]
    [InlineData("PUT", "/v1.50/things/a/json", "HTTP/1.1 404", """{"message":"page not found"}""")]
    [InlineData("GET", "/v1.x/things/a/json", "HTTP/1.1 404", """{"message":"page not found"}""")]
    [InlineData("GET", "/v1.23/things/a/json", "HTTP/1.1 400",
        "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version")]
    [InlineData("GET", "/v1.57/things/a/json", "HTTP/1.1 400", """{"message":"client version 1.57 is too new. Maximum supported API version is 1.56"}""")]
    [InlineData("GET", "/v1.24/things/a%2Fb/json", "HTTP/1.1 404", """{"message":"No such thing: a/b (1.24)"}""")]
    [InlineData("GET", "/things/a/json", "HTTP/1.1 404", """{"message":"No such thing: a (1.56)"}""")]
    [InlineData("GET", "/crash", "HTTP/1.1 500", """{"message":"what was not expected"}""")]
    public async Task Errors_are_dockers(string method, string path, string status, string body)
    {
        await using var server = await TestServer.StartAsync(Routes());
        var answer = await server.AskAsync(method, path);
        Assert.StartsWith(status, answer);
        Assert.EndsWith(body + "\n", answer);
        Assert.Contains("Server: Gantry/0.1.0 (linux)\r\n", answer);
        Assert.Contains("Api-Version: 1.56\r\n", answer);
        Assert.Contains("Ostype: linux\r\n", answer);
    }

    [Fact]
    public async Task What_is_already_so_is_304_without_a_body()
    {
        await using var server = await TestServer.StartAsync(Routes());
        var answer = await server.AskAsync("POST", "/same");
        Assert.StartsWith("HTTP/1.1 304", answer);
        Assert.EndsWith("\r\n\r\n", answer);
    }

    [Theory]
    [InlineData("", "{}", "malformed Content-Type header (): mime: no media type")]
    [InlineData("Content-Type: text/plain\r\n", "{}", "unsupported Content-Type header (text/plain): must be 'application/json'")]
    [InlineData("Content-Type: application/json\r\n", "", "invalid JSON: got EOF while reading request body")]
    [InlineData("Content-Type: application/json\r\n", " ", "invalid JSON: got EOF while reading request body")]
    [InlineData("Content-Type: application/json\r\n", "{", "invalid JSON: unexpected EOF")]
    [InlineData("Content-Type: application/json\r\n", """{"Tty":tr""", "invalid JSON: unexpected EOF")]
    [InlineData("Content-Type: application/json\r\n", "{} {}", "unexpected content after JSON")]
    [InlineData("Content-Type: application/json\r\n", """{"Tty":"x"}""", "invalid JSON: json: cannot unmarshal string into Go struct field .Tty of type bool")]
    [InlineData("Content-Type: application/json; charset=utf-8\r\n", """{"Tty":false} """, "read")]
    public async Task Bodies_are_checked(string headers, string body, string message)
    {
        await using var server = await TestServer.StartAsync(Routes());
        Assert.EndsWith($$"""{"message":"{{message}}"}""" + "\n", await server.AskAsync("POST", "/body", headers, body));
    }

    [Fact]
    public async Task The_socket_is_for_owner_and_group_and_goes_with_the_server()
    {
        var server = await TestServer.StartAsync(Routes());
        var mode = File.GetUnixFileMode(server.SocketPath);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite, mode);
        var path = server.SocketPath;
        await server.DisposeAsync();
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task A_socket_that_another_daemon_answers_on_is_left_alone()
    {
        await using var server = await TestServer.StartAsync(Routes());
        await using var second = new ApiServer(
            new ApiServerOptions { Listen = [new ListenAddress.Unix(server.SocketPath)], EngineVersion = "0" }, Routes(), NullLoggerFactory.Instance);
        var error = await Assert.ThrowsAsync<GantryException>(() => second.StartAsync(CancellationToken.None));
        Assert.Equal(ErrorKind.Conflict, error.Kind);
        Assert.StartsWith("HTTP/1.1 404", await server.AskAsync("GET", "/nothing"));
    }

    [Theory]
    [InlineData("unix:///run/x.sock", "unix:///run/x.sock")]
    [InlineData("tcp://127.0.0.1:99", "tcp://127.0.0.1:99")]
    [InlineData("tcp://0.0.0.0", "tcp://0.0.0.0:2375")]
    [InlineData("tcp://:80", "tcp://0.0.0.0:80")]
    [InlineData("tcp://[::1]:5", "tcp://[::1]:5")]
    [InlineData("tcp://localhost:5", "tcp://127.0.0.1:5")]
    [InlineData("fd://", "fd://")]
    public void Listen_addresses_are_read(string text, string meaning) => Assert.Equal(meaning, ListenAddress.Parse(text).ToString());

    [Theory]
    [InlineData("unix://x")]
    [InlineData("http://x")]
    [InlineData("tcp://example.org:1")]
    public void Other_listen_addresses_are_refused(string text) => Assert.Throws<GantryException>(() => ListenAddress.Parse(text));

    private static RouteTable Routes() => new RouteTable()
        .Add("GET", "/things/{name...}/json", call => throw GantryException.NotFound($"No such thing: {call.Path("name")} ({call.Version})"))
        .Add("GET", "/crash", _ => throw new InvalidOperationException("what was not expected"))
        .Add("POST", "/same", _ => throw new GantryException(ErrorKind.NotModified, "already so"))
        .Add("POST", "/body", async call =>
        {
            await call.ReadJsonAsync(ApiJson.Wire.ContainerCreateRequest);
            await call.AnswerAsync(new ErrorResponse { Message = "read" }, ApiJson.Wire.ErrorResponse);
        });
}
