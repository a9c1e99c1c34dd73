using System.Text;
using System.Text.Json;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>What clients rely on below the level of commands.</summary>
public sealed class ProtocolTests(Engine engine) : IClassFixture<Engine>
{
    [Fact]
    public void Ping_tells_the_version()
    {
        var answer = RawHttp.Get(engine, "/_ping");
        Assert.Equal((200, "OK"), (answer.Status, answer.Body));
        Assert.Matches(@"^1\.\d\d$", answer.Headers["api-version"]);
        Assert.Equal("linux", answer.Headers["ostype"]);
        var head = RawHttp.Send(engine, "HEAD", "/_ping");
        Assert.Equal((200, ""), (head.Status, head.Body));
    }

    [Theory]
    [InlineData("/v1.24")]
    [InlineData("/v1.30")]
    [InlineData("/v1.41")]
    [InlineData("/v1.44")]
    [InlineData("/v1.50")]
    [InlineData("")]
    public void A_version_in_the_path_is_served(string version)
    {
        var answer = RawHttp.Get(engine, version + "/containers/json?all=1");
        Assert.Equal(200, answer.Status);
        Assert.Equal(JsonValueKind.Array, JsonDocument.Parse(answer.Body).RootElement.ValueKind);
    }

    [Fact]
    public void A_version_that_is_too_new_is_refused()
    {
        var answer = RawHttp.Get(engine, "/v1.99/containers/json");
        Assert.Equal(400, answer.Status);
        Assert.Matches(@"client version 1\.99 is too new\. Maximum supported API version is 1\.\d\d", Message(answer));
    }

    [Fact]
    public void A_version_that_is_too_old_is_refused()
    {
        var answer = RawHttp.Get(engine, "/v1.12/containers/json");
        Assert.Equal(400, answer.Status);
        // Plain text: such a client knew no other errors.
        Assert.Matches(@"client version 1\.12 is too old\. Minimum supported API version is 1\.\d\d", answer.Body);
    }

    [Fact]
    public void What_is_not_there_gives_404_with_a_message()
    {
        var container = RawHttp.Get(engine, "/v1.44/containers/e2e-missing/json");
        Assert.Equal((404, "No such container: e2e-missing"), (container.Status, Message(container)));
        Assert.Equal("application/json", container.Headers["content-type"]);
        var image = RawHttp.Get(engine, "/v1.44/images/e2e-missing/json");
        Assert.Equal((404, "No such image: e2e-missing:latest"), (image.Status, Message(image)));
        var exec = RawHttp.Get(engine, "/v1.44/exec/e2e-missing/json");
        Assert.Equal((404, "No such exec instance: e2e-missing"), (exec.Status, Message(exec)));
        var page = RawHttp.Get(engine, "/v1.44/no/such/page");
        Assert.Equal((404, "page not found"), (page.Status, Message(page)));
    }

    [Fact]
    public void What_is_there_already_gives_304()
    {
        var name = engine.RunShell("sleep 600");
        Assert.Equal(304, RawHttp.Post(engine, $"/v1.44/containers/{name}/start").Status);
        Assert.Equal(204, RawHttp.Post(engine, $"/v1.44/containers/{name}/stop?t=0").Status);
        Assert.Equal(304, RawHttp.Post(engine, $"/v1.44/containers/{name}/stop").Status);
        Assert.Equal(204, RawHttp.Post(engine, $"/v1.44/containers/{name}/start").Status);
        Assert.Equal(204, RawHttp.Send(engine, "DELETE", $"/v1.44/containers/{name}?force=1").Status);
        Assert.Equal(404, RawHttp.Send(engine, "DELETE", $"/v1.44/containers/{name}").Status);
    }

    [Fact]
    public void A_conflict_gives_409()
    {
        var name = engine.NewName();
        Assert.Equal(201, Create(name).Status);
        var again = Create(name);
        Assert.Equal(409, again.Status);
        Assert.StartsWith($"Conflict. The container name \"/{name}\" is already in use by container \"", Message(again), StringComparison.Ordinal);
        Assert.Equal(409, RawHttp.Post(engine, $"/v1.44/containers/{name}/kill").Status);
    }

    [Fact]
    public void Create_answers_with_ID_and_warnings()
    {
        var answer = Create(engine.NewName());
        var document = JsonDocument.Parse(answer.Body).RootElement;
        Assert.Matches("^[0-9a-f]{64}$", document.GetProperty("Id").GetString()!);
        Assert.Equal(JsonValueKind.Array, document.GetProperty("Warnings").ValueKind);
    }

    [Fact]
    public void A_body_that_is_no_JSON_gives_400() =>
        Assert.Equal(400, RawHttp.Post(engine, "/v1.44/containers/create", "{not json").Status);

    [Fact]
    public void An_unknown_image_gives_404()
    {
        var answer = RawHttp.Post(engine, "/v1.44/containers/create", """{"Image":"e2e-missing"}""");
        Assert.Equal((404, "No such image: e2e-missing:latest"), (answer.Status, Message(answer)));
    }

    /// <summary>The stock client waits for these headers before it starts the container: sent later, `run` would hang or miss the end.</summary>
    [Theory]
    [InlineData("next-exit")]
    [InlineData("removed")]
    public void Wait_answers_its_headers_before_the_start(string condition)
    {
        var name = engine.NewName();
        Assert.Equal(201, Create(name, "[\"sh\",\"-c\",\"exit 9\"]", condition == "removed").Status);
        using var wait = RawHttp.Open(engine, "POST", $"/v1.44/containers/{name}/wait?condition={condition}");
        Assert.True(wait.HasData(10_000), "no headers");
        var (status, headers) = wait.ReadHead();
        Assert.Equal(200, status);
        Assert.Equal("application/json", headers["content-type"]);
        Assert.False(wait.HasData(100), "a body before the start");
        Assert.Equal(204, RawHttp.Post(engine, $"/v1.44/containers/{name}/start").Status);
        var body = Encoding.UTF8.GetString(wait.ReadToEnd());
        Assert.Contains("\"StatusCode\":9", body, StringComparison.Ordinal);
    }

    [Fact]
    public void Attach_upgrades_the_connection_multiplexes_and_obeys_a_half_close()
    {
        var name = engine.NewName();
        var created = RawHttp.Post(engine, $"/v1.44/containers/create?name={name}",
            $$"""{"Image":"{{Engine.Image}}","Cmd":["sh","-c","cat; echo end >&2"],"OpenStdin":true,"StdinOnce":true,"AttachStdin":true,"AttachStdout":true,"AttachStderr":true}""");
        Assert.Equal(201, created.Status);
        using var attach = RawHttp.Open(engine, "POST", $"/v1.44/containers/{name}/attach?stream=1&stdin=1&stdout=1&stderr=1",
            headers: "Connection: Upgrade\r\nUpgrade: tcp\r\n");
        var (status, headers) = attach.ReadHead();
        Assert.Equal(101, status);
        Assert.Equal("application/vnd.docker.multiplexed-stream", headers["content-type"]);
        Assert.Equal(204, RawHttp.Post(engine, $"/v1.44/containers/{name}/start").Status);
        attach.Write("typed\n");
        attach.CloseSending();
        Assert.Equal("1:typed\n2:end\n", Demultiplex(attach.ReadToEnd()));
    }

    [Fact]
    public void Attach_without_an_upgrade_answers_with_a_raw_stream()
    {
        var name = engine.RunShell("while [ ! -e /go ]; do sleep 0.02; done; echo out");
        using var attach = RawHttp.Open(engine, "POST", $"/v1.44/containers/{name}/attach?stream=1&stdout=1");
        var (status, _) = attach.ReadHead();
        Assert.Equal(200, status);
        engine.Docker.Run("exec", name, "touch", "/go").Succeeded();
        Assert.Equal("1:out\n", Demultiplex(attach.ReadToEnd()));
    }

    [Fact]
    public void Logs_are_multiplexed()
    {
        var name = engine.NewName();
        engine.Docker.Run("run", "--name", name, Engine.Image, "sh", "-c", "echo out").Succeeded();
        using var logs = RawHttp.Open(engine, "GET", $"/v1.41/containers/{name}/logs?stdout=1&stderr=1", headers: "Connection: close\r\n");
        var answer = logs.ReadAnswer();
        Assert.Equal(200, answer.Status);
        Assert.Equal("1:out\n", Demultiplex(Encoding.UTF8.GetBytes(answer.Body)));
    }

    [Fact]
    public void Logs_without_a_stream_are_refused()
    {
        var answer = RawHttp.Get(engine, $"/v1.44/containers/{engine.RunShell("sleep 600")}/logs");
        Assert.Equal((400, "Bad parameters: you must choose at least one stream"), (answer.Status, Message(answer)));
    }

    private HttpAnswer Create(string name, string command = "[\"true\"]", bool autoRemove = false) =>
        RawHttp.Post(engine, $"/v1.44/containers/create?name={name}",
            $$$"""{"Image":"{{{Engine.Image}}}","Cmd":{{{command}}},"HostConfig":{"AutoRemove":{{{(autoRemove ? "true" : "false")}}}}}""");

    private static string Message(HttpAnswer answer) => JsonDocument.Parse(answer.Body).RootElement.GetProperty("message").GetString()!;

    /// <summary>Frames as <c>stream:payload</c>: a byte that names the stream, three zeros, four bytes of length, the payload.</summary>
    private static string Demultiplex(byte[] frames)
    {
        var text = new StringBuilder();
        for (var position = 0; position < frames.Length;)
        {
            var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(frames.AsSpan(position + 4));
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{frames[position]}:{Encoding.UTF8.GetString(frames, position + 8, length)}");
            position += 8 + length;
        }

        return text.ToString();
    }
}
