using System.Text.Json;
using Gantry.Api.Tests.Schema;

namespace Gantry.Api.Tests.Endpoints;

/// <summary>What the operations answer has the names and types of the schema of API 1.56.</summary>
public sealed class AnswerTests(EngineServer server) : IClassFixture<EngineServer>
{
    private readonly ApiSchema _schema = ApiSchema.Load();

    [Theory]
    [InlineData("GET /version", "/version")]
    [InlineData("GET /info", "/info")]
    [InlineData("GET /images/json", "/images/json?all=1")]
    [InlineData("GET /images/{name}/json", "/images/thing:1/json")]
    [InlineData("GET /images/{name}/history", "/images/thing:1/history")]
    [InlineData("GET /networks", "/networks")]
    [InlineData("GET /networks/{id}", "/networks/none")]
    [InlineData("GET /volumes", "/volumes")]
    public async Task Things_that_are_there(string operation, string path) => Check(operation, await server.GetAsync(path));

    [Fact]
    public async Task A_container_from_creation_to_removal()
    {
        var created = await server.PostAsync(
            "/containers/create?name=life",
            """{"Image":"thing:1","Env":["A=b"],"Volumes":{"/v":{}},"HostConfig":{"Memory":67108864,"Binds":["/tmp:/c:ro"],"Tmpfs":{"/t":""},"NetworkMode":"none"}}""");
        Assert.Equal(201, created.Status);
        Check("POST /containers/create", created);
        Check("GET /containers/{id}/json", await server.GetAsync("/containers/life/json?size=1"));
        Check("GET /containers/json", await server.GetAsync("/containers/json?all=1&size=1"));
        Check("POST /containers/{id}/update", await server.PostAsync("/containers/life/update", """{"PidsLimit":7}"""));
        Check("POST /containers/{id}/wait", await server.PostAsync("/containers/life/wait"));
        Assert.Equal(204, (await server.PostAsync("/containers/life/rename?name=after")).Status);
        Assert.Contains("\"PidsLimit\":7", (await server.GetAsync("/containers/after/json")).Body);
        Assert.Equal(204, (await server.DeleteAsync("/containers/after?v=1")).Status);
        Assert.Equal((404, """{"message":"No such container: after"}""" + "\n"), await server.GetAsync("/containers/after/json"));
    }

    [Fact]
    public async Task A_long_list_comes_in_parts()
    {
        const int Count = 60;
        for (var i = 0; i < Count; i++)
            await server.CreateAsync($"row-{i}", ",\"Labels\":{\"crowd\":\"yes\"}");
        var list = await server.GetAsync("/containers/json?all=1&filters={\"label\":[\"crowd\"]}");
        Check("GET /containers/json", list);
        Assert.EndsWith("]\n", list.Body);
        Assert.Equal(
            Enumerable.Range(0, Count).Reverse().Select(static i => $"/row-{i}"),
            Parse(list).EnumerateArray().Select(static row => row.GetProperty("Names")[0].GetString()));
        Assert.Equal("[]\n", (await server.GetAsync("/containers/json?all=1&filters={\"label\":[\"nobody\"]}")).Body);
        for (var i = 0; i < Count; i++)
            await server.DeleteAsync($"/containers/row-{i}");
    }

    [Fact]
    public async Task A_configuration_goes_out_and_in_again_unchanged()
    {
        var first = Parse(await server.GetAsync($"/containers/{await server.CreateAsync("first", ",\"User\":\"1\",\"Tty\":true")}/json"));
        var body = $$"""{{first.GetProperty("Config").GetRawText()[..^1]}},"HostConfig":{{first.GetProperty("HostConfig").GetRawText()}}}""";
        var second = Parse(await server.PostAsync("/containers/create?name=second", body)).GetProperty("Id").GetString();
        var again = Parse(await server.GetAsync($"/containers/{second}/json"));
        Assert.Equal(first.GetProperty("Config").GetRawText(), again.GetProperty("Config").GetRawText());
        Assert.Equal(first.GetProperty("HostConfig").GetRawText(), again.GetProperty("HostConfig").GetRawText());
        await server.DeleteAsync("/containers/first");
        await server.DeleteAsync("/containers/second");
    }

    [Fact]
    public async Task Volumes()
    {
        var created = await server.PostAsync("/volumes/create", """{"Name":"data","Labels":{"a":"b"}}""");
        Assert.Equal(201, created.Status);
        Check("POST /volumes/create", created);
        Check("GET /volumes/{name}", await server.GetAsync("/volumes/data"));
        Check("POST /volumes/prune", await server.PostAsync("/volumes/prune"));
        Assert.Equal(204, (await server.DeleteAsync("/volumes/data")).Status);
    }

    [Fact]
    public async Task Prunes()
    {
        await server.CreateAsync("pruned", ",\"Labels\":{\"prune\":\"me\"}");
        var filters = Uri.EscapeDataString("""{"label":["prune=me"]}""");
        var containers = await server.PostAsync($"/containers/prune?filters={filters}");
        Check("POST /containers/prune", containers);
        Assert.Equal(1, Parse(containers).GetProperty("ContainersDeleted").GetArrayLength());
        Check("POST /images/prune", await server.PostAsync("/images/prune"));
        Check("POST /networks/prune", await server.PostAsync("/networks/prune"));
    }

    [Fact]
    public async Task Names_of_an_image()
    {
        Assert.Equal(201, (await server.PostAsync("/images/thing:1/tag?repo=other/name&tag=2")).Status);
        Check("GET /images/{name}/json", await server.GetAsync("/images/other/name:2/json"));
        var removed = await server.DeleteAsync("/images/other/name:2");
        Check("DELETE /images/{name}", removed);
        Assert.Equal("""[{"Untagged":"other/name:2"}]""" + "\n", removed.Body);
    }

    [Fact]
    public async Task A_container_made_from_an_image_is_a_use_of_it()
    {
        var before = Parse(await server.GetAsync("/images/thing:1/json")).GetProperty("LastUsedAt").GetDateTimeOffset();
        await server.DeleteAsync($"/containers/{await server.CreateAsync("user")}");
        var after = Parse(await server.GetAsync("/images/thing:1/json"));
        Assert.True(after.GetProperty("LastUsedAt").GetDateTimeOffset() > before);
        var row = Parse(await server.GetAsync("/images/json")).EnumerateArray()
            .Single(row => row.GetProperty("Id").ValueEquals(after.GetProperty("Id").GetString()));
        Assert.Equal(after.GetProperty("LastUsedAt").GetString(), row.GetProperty("LastUsedAt").GetString());
    }

    [Fact]
    public async Task Events_of_the_past()
    {
        await server.DeleteAsync($"/containers/{await server.CreateAsync("seen")}");
        var filters = Uri.EscapeDataString("""{"container":["seen"]}""");
        // An end in the past, at which the stream ends at once, but after the events.
        await Task.Delay(20);
        var until = DateTimeOffset.UtcNow.AddMilliseconds(-5).ToUnixTimeMilliseconds() / 1000m;
        var (_, body) = await server.GetAsync($"/events?since=1&until={until.ToString(System.Globalization.CultureInfo.InvariantCulture)}&filters={filters}");
        var events = body.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal("create", events[0].GetProperty("Action").GetString());
        Assert.All(events, message => Assert.Empty(_schema.Check(_schema.Answer("GET /events"), message)));
    }

    [Theory]
    [InlineData("GET", "/containers/json?filters=x", 400, "invalid filter")]
    [InlineData("GET", "/containers/json?filters={\"foo\":[\"x\"]}", 400, "invalid filter 'foo'")]
    [InlineData("GET", "/containers/json?filters={\"status\":[\"x\"]}", 400,
        "invalid filter 'status=x': invalid value for state (x): must be one of created, running, paused, restarting, removing, exited, dead")]
    [InlineData("GET", "/containers/json?filters={\"since\":[\"x\"]}", 404, "No such container: x")]
    [InlineData("POST", "/containers/zz/wait?condition=bad", 400, "invalid condition: \\\"bad\\\"")]
    [InlineData("POST", "/containers/zz/resize?h=a", 400, "invalid resize height \\\"a\\\": invalid syntax")]
    [InlineData("GET", "/containers/zz/logs", 400, "Bad parameters: you must choose at least one stream")]
    [InlineData("GET", "/containers/zz/logs?stdout=1", 404, "No such container: zz")]
    [InlineData("GET", "/exec/zz/json", 404, "No such exec instance: zz")]
    [InlineData("GET", "/images/nope/json", 404, "No such image: nope:latest")]
    [InlineData("GET", "/networks/zz", 404, "network zz not found")]
    [InlineData("DELETE", "/networks/none", 403, "none is a pre-defined network and cannot be removed")]
    [InlineData("GET", "/volumes/zz", 404, "get zz: no such volume")]
    [InlineData("GET", "/swarm", 503,
        "This node is not a swarm manager. Use \\\"docker swarm init\\\" or \\\"docker swarm join\\\" to connect this node to swarm and try again.")]
    [InlineData("POST", "/info", 404, "page not found")]
    public async Task Errors_have_dockers_texts(string method, string path, int status, string message)
    {
        var answer = method switch { "GET" => await server.GetAsync(path), "POST" => await server.PostAsync(path), _ => await server.DeleteAsync(path) };
        Assert.Equal((status, $$"""{"message":"{{message}}"}""" + "\n"), answer);
    }

    private void Check(string operation, (int Status, string Body) answer)
    {
        Assert.InRange(answer.Status, 200, 201);
        // When an image was last used is Gantry's own, and known to clients that ask for it only.
        Assert.DoesNotContain(
            _schema.Check(_schema.Answer(operation), Parse(answer)), finding =>
                !finding.EndsWith(".LastUsedAt is not in the schema", StringComparison.Ordinal));
    }

    private static JsonElement Parse((int Status, string Body) answer) => JsonDocument.Parse(answer.Body).RootElement;
}
