using System.Net.Sockets;
using System.Text;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>
/// Clients that want to stop the daemon for others: too many connections, unfinished and malformed requests. Others are served all the while.
/// </summary>
[Trait("Only", "Gantry")]
public sealed class HostileClientTests(Engine engine) : IClassFixture<Engine>
{
    private const int Connections = 10_000;

    [Fact]
    public void Ten_thousand_connections_do_not_stop_others()
    {
        var held = new List<Socket>();
        try
        {
            for (var i = 0; i < Connections; i++)
            {
                held.Add(engine.Connect());
                TrySend(held[^1], i % 2 == 0 ? "" : "GET /_ping HTTP/1.1\r\nHost: x\r\nX-Unfinished: ");
                if (i % 2500 == 2499) Assert.Equal("served", engine.Docker.Text("run", "--rm", Engine.Image, "echo", "served"));
            }
            Assert.InRange(Directory.GetFiles($"/proc/{engine.Daemon.Pid}/fd").Length, 1, Connections / 2); // Most were closed at once.
        }
        finally
        {
            held.ForEach(socket => socket.Dispose());
        }
        Eventually.Equal(true, () => Directory.GetFiles($"/proc/{engine.Daemon.Pid}/fd").Length < 500);
    }

    [Fact]
    public void Unfinished_uploads_do_not_stop_others()
    {
        var held = new List<Socket>();
        try
        {
            for (var i = 0; i < 100; i++)
            {
                held.Add(engine.Connect());
                TrySend(held[^1], "POST /images/load HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
            }
            Assert.Equal("served", engine.Docker.Text("run", "--rm", Engine.Image, "echo", "served"));
            Eventually.Equal(true, () =>
                engine.Docker.Run("load", "-i", TestEnvironment.ImageArchive).Error.Contains("archives are being received already", StringComparison.Ordinal));
        }
        finally
        {
            held.ForEach(socket => socket.Dispose());
        }
        Eventually.Equal(0, () => engine.Docker.Run("load", "-i", TestEnvironment.ImageArchive).ExitCode);
    }

    [Theory]
    [InlineData("garbage\r\n\r\n", 400)]
    [InlineData("\u0016\u0003\u0001\u0002\0\u0001\r\n\r\n", 400)]
    [InlineData("GET /containers/%00/json HTTP/1.1\r\nHost: x\r\n\r\n", 400)]
    [InlineData("GET /containers/json?filters=%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /containers/json?filters={bad HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /containers/json?limit=many HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("BREW /info HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("GET /v1.x/info HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("GET /v9.99/info HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400)]
    [InlineData("GET /containers/%ff%fe/json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 404)]
    [InlineData("POST /images/load HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\njunk", 400)]
    [InlineData("POST /containers/create HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n", 400)]
    public void Malformed_requests_are_refused(string request, int status)
    {
        using var socket = engine.Connect();
        socket.Send(Encoding.Latin1.GetBytes(request));
        var answer = new byte[4096];
        Assert.StartsWith($"HTTP/1.1 {status}", Encoding.Latin1.GetString(answer, 0, socket.Receive(answer)), StringComparison.Ordinal);
        Assert.Equal(200, RawHttp.Get(engine, "/_ping").Status);
    }

    /// <summary>Each text of a container's configuration, as what no client sends: an answer for the sender, never a failure of the daemon.</summary>
    [Fact]
    public void Malformed_configurations_are_the_senders_fault()
    {
        string[] values = ["null", "[null]", "{}", "[]", "-1", "1e400", "\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"../../x\"", "{\"a\":null}", "{\"\":{}}",
            "[\"\"]", "[[]]", $"\"{new string('x', 100_000)}\""];
        string[] own = ["Image", "Cmd", "Entrypoint", "Env", "User", "WorkingDir", "Volumes", "ExposedPorts", "Labels", "StopSignal", "Healthcheck", "Hostname",
            "Domainname", "HostConfig", "NetworkingConfig", "Shell", "StopTimeout"];
        string[] host =
        [
            "Binds", "Mounts", "Tmpfs", "VolumesFrom", "Memory", "NanoCpus", "CpusetCpus", "Devices", "DeviceCgroupRules", "Ulimits", "Sysctls", "CapAdd",
            "CapDrop", "SecurityOpt", "LogConfig", "RestartPolicy", "NetworkMode",
            "PidMode", "IpcMode", "UTSMode", "CgroupnsMode", "PortBindings", "Dns", "ExtraHosts", "GroupAdd", "Links", "ShmSize", "StorageOpt", "Runtime",
            "MaskedPaths", "ReadonlyPaths", "Annotations", "ConsoleSize", "BlkioWeightDevice", "OomScoreAdj",
        ];
        foreach (var value in values)
        {
            foreach (var body in own.Select(name => $$"""{"Image":"{{Engine.Image}}","{{name}}":{{value}}}""").Concat(
                host.Select(name => $$$"""{"Image":"{{{Engine.Image}}}","Cmd":["true"],"HostConfig":{"NetworkMode":"none","{{{name}}}":{{{value}}}}}""")))
            {
                var created = RawHttp.Post(engine, "/containers/create", body);
                Assert.True(created.Status is 201 or (>= 400 and < 500) or 501, $"{created.Status}: {created.Body}\nfor {body}");
                if (created.Status == 201) RawHttp.Send(
                    engine, "DELETE", $"/containers/{System.Text.Json.JsonDocument.Parse(created.Body).RootElement.GetProperty("Id").GetString()}?force=1&v=1");
            }
        }
    }

    private static void TrySend(Socket socket, string text)
    {
        try
        {
            socket.Send(Encoding.ASCII.GetBytes(text));
        }
        catch (SocketException)
        {
            // Closed already: one too many.
        }
    }
}
