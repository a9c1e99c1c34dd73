using System.Text.Json;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>
/// Status and text of what is refused, as clients of Docker match on them: one row, one request. <c>RUNNING</c>, <c>CREATED</c> and <c>PAUSED</c> are
/// containers.
/// The same rows hold on Docker 28.5.2.
/// </summary>
public sealed class RefusalTests(RefusalTests.World world) : IClassFixture<RefusalTests.World>
{
    private const string Json = "application/json";

    [Theory]
    [InlineData("{invalid", "invalid JSON: invalid character 'i' looking for beginning of object key string")]
    [InlineData("{\"a\":}", "invalid JSON: invalid character '}' looking for beginning of value")]
    [InlineData("{\"a\":tru}", "invalid JSON: invalid character '}' in literal true (expecting 'e')")]
    [InlineData("{\"a\":1 \"b\":2}", "invalid JSON: invalid character '\"' after object key:value pair")]
    [InlineData("{} {}", "unexpected content after JSON")]
    [InlineData("{}x", "unexpected content after JSON")]
    [InlineData("[]", "invalid JSON: json: cannot unmarshal array into Go value of type container.CreateRequest")]
    [InlineData("null", "config cannot be empty in order to create a container")]
    [InlineData("{}", "config cannot be empty in order to create a container")]
    [InlineData("{\"HostConfig\":[]}", "invalid JSON: json: cannot unmarshal array into Go struct field .HostConfig of type container.HostConfig")]
    [InlineData("{\"HostConfig\":{\"Memory\":\"x\"}}", "invalid JSON: json: cannot unmarshal string into Go struct field .HostConfig.Memory of type int64")]
    public void Malformed_documents(string body, string text) => Refused("POST", "/containers/create", body, 400, text);

    [Theory]
    [InlineData("text/plain", "unsupported Content-Type header (text/plain): must be 'application/json'")]
    [InlineData("", "malformed Content-Type header (): mime: no media type")]
    public void Other_types_of_content(string type, string text) => Refused("POST", "/containers/create", "{}", 400, text, type);

    [Theory]
    [InlineData("\"IpcMode\":\"nope\"", "invalid IPC mode: nope")]
    [InlineData("\"PidMode\":\"nope\"", "invalid PID mode: nope")]
    [InlineData("\"UTSMode\":\"nope\"", "invalid UTS mode: nope")]
    [InlineData("\"CgroupnsMode\":\"nope\"", "invalid cgroup namespace mode: nope")]
    [InlineData("\"PidMode\":\"container:nope\"", "No such container: nope")]
    [InlineData("\"Memory\":1", "Minimum memory limit allowed is 6MB")]
    [InlineData("\"MemoryReservation\":1", "Minimum memory reservation allowed is 6MB")]
    [InlineData("\"Memory\":67108864,\"MemorySwap\":33554432", "Minimum memoryswap limit should be larger than memory limit, see usage")]
    [InlineData("\"ShmSize\":-1", "SHM size can not be less than 0")]
    [InlineData("\"IOMaximumIOps\":5", "invalid option: QoS maximum IOPs configuration is not supported on linux")]
    [InlineData("\"IOMaximumBandwidth\":5", "invalid option: QoS maximum bandwidth configuration is not supported on linux")]
    [InlineData("\"ConsoleSize\":[-1,2]", "invalid JSON: json: cannot unmarshal number -1 into .HostConfig.ConsoleSize.0 of type uint")]
    [InlineData("\"CpuPeriod\":1", "CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)")]
    [InlineData("\"RestartPolicy\":{\"Name\":\"always\"},\"AutoRemove\":true", "can't create 'AutoRemove' container with restart policy")]
    [InlineData("\"Binds\":[\"/tmp:/a\",\"/tmp:/a\"]", "Duplicate mount point: /a")]
    [InlineData("\"CapAdd\":[\"NOPE\"]", "invalid CapAdd: unknown capability: \"CAP_NOPE\"")]
    [InlineData("\"CapDrop\":[\"NOPE\"]", "invalid CapDrop: unknown capability: \"CAP_NOPE\"")]
    [InlineData("\"ExtraHosts\":[\"x\"]", "bad format for add-host: \"x\"")]
    [InlineData("\"ExtraHosts\":[\"a:1.2.3\"]", "invalid IP address in add-host: \"1.2.3\"")]
    [InlineData("\"Links\":[\"nope:y\"]", "could not get container for nope: No such container: nope")]
    [InlineData("\"Annotations\":{\"\":\"x\"}", "invalid Annotations: the empty string is not permitted as an annotation key")]
    [InlineData("\"PortBindings\":{\"x/tcp\":[{\"HostPort\":\"1\"}]}", "invalid port specification: \"x\"")]
    public void What_a_host_configuration_cannot_be(string host, string text) =>
        Refused("POST", "/containers/create", $$"""{"Image":"{{Engine.Image}}","HostConfig":{ {{host}} } }""", 400, text);

    [Theory]
    [InlineData("\"Env\":[\"=x\"]", "invalid environment variable: =x")]
    [InlineData("\"WorkingDir\":\"rel\"", "the working directory 'rel' is invalid, it needs to be an absolute path")]
    [InlineData("\"MacAddress\":\"zz\"", "invalid config for network bridge: invalid MAC address zz")]
    [InlineData("\"Healthcheck\":{\"Test\":[\"CMD\",\"x\"],\"Interval\":1}", "Interval in Healthcheck cannot be less than 1ms")]
    [InlineData("\"Healthcheck\":{\"Test\":[\"CMD\",\"x\"],\"Timeout\":1}", "Timeout in Healthcheck cannot be less than 1ms")]
    public void What_a_configuration_cannot_be(string config, string text) =>
        Refused("POST", "/containers/create", $$"""{"Image":"{{Engine.Image}}",{{config}} }""", 400, text);

    [Theory]
    [InlineData("GET", "/containers/nope/json", "", 404, "No such container: nope")]
    [InlineData("POST", "/exec/nope/start", "{}", 404, "No such exec instance: nope")]
    [InlineData("POST", "/containers/RUNNING/exec", "{}", 400, "No exec command specified")]
    [InlineData("POST", "/containers/nope/exec", "", 400, "No exec command specified")]
    [InlineData("POST", "/containers/CREATED/exec", "{\"Cmd\":[\"true\"]}", 409, "container ")]
    [InlineData("POST", "/containers/PAUSED/exec", "{\"Cmd\":[\"true\"]}", 409, "Container PAUSED is paused, unpause the container before exec")]
    [InlineData("POST", "/containers/RUNNING/exec", "{\"Cmd\":[\"true\"],\"User\":\"nope\"}", 400,
        "unable to find user nope: no matching entries in passwd file")]
    [InlineData("POST", "/containers/CREATED/start?checkpoint=x", "", 400, "checkpoint is only supported in experimental mode")]
    [InlineData("POST", "/containers/CREATED/start?checkpoint-dir=/x", "", 403, "custom checkpointdir is not supported")]
    [InlineData("POST", "/containers/RUNNING/resize?h=&w=1", "", 400, "invalid resize height \"\": invalid syntax")]
    [InlineData("POST", "/containers/RUNNING/resize?h=-1&w=1", "", 400, "invalid resize height \"-1\": value out of range")]
    [InlineData("POST", "/build/cancel", "", 400, "build ID not provided")]
    [InlineData("POST", "/commit", "", 400, "invalid name or ID supplied: \"\"")]
    [InlineData("POST", "/commit?container=nope", "[]", 400, "invalid JSON: json: cannot unmarshal array into Go value of type container.CreateRequest")]
    [InlineData("POST", "/networks/bridge/connect", "[]", 400, "invalid JSON: json: cannot unmarshal array into Go value of type network.ConnectOptions")]
    [InlineData("POST", "/networks/bridge/disconnect", "[]", 400, "invalid JSON: json: cannot unmarshal array into Go value of type network.DisconnectOptions")]
    [InlineData("POST", "/exec/nope/start", "[]", 400, "invalid JSON: json: cannot unmarshal array into Go value of type container.ExecStartOptions")]
    [InlineData("GET", "/containers/RUNNING/checkpoints", "", 501, "This experimental feature is disabled by default.")]
    [InlineData("POST", "/containers/RUNNING/kill?signal=NOPE", "", 400, "cannot kill container: RUNNING: invalid signal: NOPE")]
    [InlineData("POST", "/containers/RUNNING/kill?signal=99", "", 400, "cannot kill container: RUNNING: the linux daemon does not support signal 99")]
    [InlineData("POST", "/containers/RUNNING/rename?name=RUNNING", "", 400, "Renaming a container with the same name as its current name")]
    [InlineData("POST", "/containers/RUNNING/rename?name=CREATED", "", 409,
        "Error when allocating new name: Conflict. The container name \"/CREATED\" is already in use by container")]
    [InlineData("DELETE", "/containers/RUNNING", "", 409,
        "cannot remove container \"RUNNING\": container is running: stop the container before removing or force remove")]
    [InlineData("DELETE", "/containers/PAUSED", "", 409, "cannot remove container \"PAUSED\": container is paused and must be unpaused first")]
    [InlineData("POST", "/containers/RUNNING/wait?condition=nope", "", 400, "invalid condition: \"nope\"")]
    [InlineData("GET", "/containers/RUNNING/archive?path=/nope", "", 404, "Could not find the file /nope in container RUNNING")]
    [InlineData("POST", "/networks/create", "", 400, "invalid name: name is empty")]
    [InlineData("POST", "/networks/create", "{\"Name\":\"bridge\"}", 403, "operation is not permitted on predefined bridge network ")]
    [InlineData("POST", "/networks/create", "{\"Name\":\"default\"}", 403, "operation is not permitted on predefined default network ")]
    [InlineData("DELETE", "/networks/host", "", 403, "host is a pre-defined network and cannot be removed")]
    [InlineData("POST", "/networks/bridge/connect", "{}", 400, "invalid name or ID supplied: \"\"")]
    [InlineData("GET", "/images/nope/json", "", 404, "No such image: nope:latest")]
    [InlineData("GET", "/volumes/nope", "", 404, "get nope: no such volume")]
    [InlineData("GET", "/events?since=5&until=4", "", 400, "`since` time (5) cannot be after `until` time (4)")]
    [InlineData("GET", "/containers/json?filters={\"exited\":[\"x\"]}", "", 400, "invalid filter 'exited=x': strconv.Atoi: parsing \"x\": invalid syntax")]
    [InlineData("GET", "/containers/json?filters={\"nope\":[\"x\"]}", "", 400, "invalid filter 'nope'")]
    [InlineData("GET", "/nodes", "", 503,
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.")]
    [InlineData("POST", "/swarm/leave", "", 503, "This node is not part of a swarm")]
    public void What_cannot_be_done(string method, string path, string body, int status, string text) =>
        Refused(method, path, body, status, text, body.Length > 0 ? Json : "");

    [Fact]
    public void An_exec_runs_once()
    {
        var id = JsonDocument.Parse(RawHttp.Post(world.Engine, $"/containers/{world.Running}/exec", """{"Cmd":["true"]}""").Body).RootElement.GetProperty("Id")
            .GetString();
        Assert.Equal(200, RawHttp.Post(world.Engine, $"/exec/{id}/start", """{"Detach":true}""").Status);
        var again = RawHttp.Post(world.Engine, $"/exec/{id}/start", """{"Detach":true}""");
        Assert.Equal((409, $"exec command {id} has already run"), (again.Status, Message(again.Body)));
    }

    [Fact]
    public void Versions_before_documents_are_refused_by_a_text()
    {
        var answer = RawHttp.Get(world.Engine, "/v1.23/containers/json");
        Assert.Equal((400, "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\n"),
            (answer.Status, answer.Body));
        Assert.Equal("text/plain; charset=utf-8", answer.Headers["content-type"]);
    }

    private void Refused(string method, string path, string body, int status, string text, string type = Json)
    {
        var content = body.Length > 0 && type.Length > 0 ? $"Content-Type: {type}\r\n" : "";
        var target = world.Names(path).Replace("\"", "%22", StringComparison.Ordinal);
        var answer = RawHttp.Exchange(world.Engine,
            $"{method} {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{content}Content-Length: {body.Length}\r\n\r\n{body}");
        Assert.True(status == answer.Status, $"{answer.Status} {answer.Body}");
        Assert.StartsWith(world.Names(text), Message(answer.Body), StringComparison.Ordinal);
    }

    private static string Message(string body) => JsonDocument.Parse(body).RootElement.GetProperty("message").GetString()!;

    /// <summary>An engine with three containers.</summary>
    public sealed class World : IDisposable
    {
        internal Engine Engine { get; } = new();

        internal string Running { get; }

        private readonly string _paused, _created;

        public World()
        {
            Running = Engine.RunShell("exec sleep 600", "--network", "none");
            _paused = Engine.RunShell("exec sleep 600", "--network", "none");
            Engine.Docker.Run("pause", _paused).Succeeded();
            _created = Engine.NewName();
            Engine.Docker.Run("create", "--name", _created, Engine.Image, "true").Succeeded();
        }

        internal string Names(string text) => text.Replace("RUNNING", Running, StringComparison.Ordinal).Replace("PAUSED", _paused, StringComparison.Ordinal)
            .Replace("CREATED", _created, StringComparison.Ordinal);

        public void Dispose()
        {
            Engine.Docker.Run("unpause", _paused);
            Engine.Dispose();
        }
    }
}
