using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>Log drivers other than the default, against receivers of these tests on the loopback.</summary>
[Trait("Only", "Gantry")]
public sealed class LogDriverTests(Engine engine) : IClassFixture<Engine>
{
    private const string Script = "echo one; echo two >&2; echo three";

    [Fact]
    public void Attributes_are_in_the_file_and_in_details()
    {
        var name = Run("json-file", "--log-opt", "labels=team", "--log-opt", "env-regex=^STA", "--log-opt", "tag={{.Name}}", "--label", "team=blue", "--label",
            "other=x", "-e", "STAGE=test", "-e", "SECRET=no");
        Assert.Equal($"STAGE=test,tag={name},team=blue one", engine.Docker.Run("logs", "--details", name).Lines[0]);
        Assert.Equal("one", engine.Docker.Run("logs", name).Lines[0]);
    }

    [Fact]
    public void Local_is_bounded_and_read_back()
    {
        var name = Run("local", "--log-opt", "max-size=1m", "--log-opt", "max-file=2");
        Assert.Equal(["one", "three"], engine.Docker.Run("logs", name).Lines);
        Assert.Equal("local", engine.Docker.Inspect(name, "{{.HostConfig.LogConfig.Type}}"));
    }

    [Theory]
    [InlineData("", @"^<30>\w{3} [ \d]\d \d\d:\d\d:\d\d e2e-tag\[\d+\]: one$")]
    [InlineData("rfc3164", @"^<30>\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ e2e-tag\[\d+\]: one$")]
    [InlineData("rfc5424", @"^<30>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ \S+ e2e-tag \d+ e2e-tag - one$")]
    [InlineData("rfc5424micro", @"^<30>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z \S+ e2e-tag \d+ e2e-tag - one$")]
    public void Syslog_by_udp(string format, string pattern)
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var name = Run("syslog", "--log-opt", $"syslog-address=udp://{receiver.Client.LocalEndPoint}", "--log-opt", "syslog-format=" + format, "--log-opt",
            "tag=e2e-tag");
        var messages = Receive(receiver, 3).Select(bytes => Encoding.UTF8.GetString(bytes).TrimEnd('\n')).ToList();
        Assert.Matches(pattern, messages.Single(message => message.EndsWith("one", StringComparison.Ordinal)));
        Assert.StartsWith("<27>", messages.Single(message => message.EndsWith("two", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal(["one", "three"], engine.Docker.Run("logs", name).Lines);
    }

    [Fact]
    public void Gelf_by_udp_compressed_and_in_chunks()
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var name = engine.NewName();
        engine.Docker.Run("run", "-d", "--name", name, "--label", "team=blue", "--log-driver", "gelf", "--log-opt",
            $"gelf-address=udp://{receiver.Client.LocalEndPoint}", "--log-opt", "labels=team", Engine.Image, "sh", "-c",
            "echo short; head -c 9000 /dev/urandom | od -An -v -tx1 | tr -d ' \\n'").Succeeded();
        var first = JsonNode.Parse(Inflate(Receive(receiver, 1)[0]))!;
        Assert.Equal(("1.1", "short", 6, name, "blue"),
            ((string)first["version"]!, (string)first["short_message"]!, (int)first["level"]!, (string)first["_container_name"]!, (string)first["_team"]!));
        var chunks = Receive(receiver, 1);
        Assert.Equal([0x1e, 0x0f], chunks[0][..2]);
        chunks.AddRange(Receive(receiver, chunks[0][11] - 1));
        var whole = JsonNode.Parse(Inflate([.. chunks.OrderBy(chunk => chunk[10]).SelectMany(chunk => chunk[12..])]))!;
        Assert.Equal(16384, ((string)whole["short_message"]!).Length);
    }

    [Fact]
    public void Fluentd_by_tcp()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var name = Run("fluentd", "--log-opt", $"fluentd-address={listener.LocalEndpoint}", "--log-opt", "tag=e2e.tag");
        using var stream = listener.AcceptTcpClient().GetStream();
        var bytes = ReadUntil(stream, "three");
        Assert.Equal(0x93, bytes[0]);
        var text = Encoding.Latin1.GetString(bytes);
        foreach (var part in (string[])["e2e.tag", "container_name", "/" + name, "stdout", "stderr", "one", "two", "three"])
            Assert.Contains(part, text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_receiver_that_was_away_and_a_daemon_that_died_lose_no_line()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = listener.LocalEndpoint;
        listener.Stop();
        var name = engine.RunShell("i=0; while :; do echo line-$i-; i=$((i+1)); sleep 0.05; done", "--log-driver", "syslog", "--log-opt",
            $"syslog-address=tcp://{address}");
        Eventually.Equal(true, () => engine.Docker.Text("logs", name).Contains("line-5-", StringComparison.Ordinal));

        using var back = new TcpListener((IPEndPoint)address!);
        back.Start();
        using var first = back.AcceptTcpClient().GetStream();
        var received = Encoding.UTF8.GetString(ReadUntil(first, "line-20-"));
        engine.Daemon.Kill();
        engine.Daemon.Restart();
        using var second = back.AcceptTcpClient().GetStream();
        received += Encoding.UTF8.GetString(ReadUntil(second, "line-60-"));
        for (var i = 0; i <= 60; i++)
            Assert.Contains($"line-{i}-", received, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unknown log opt 'bad' for json-file log driver", "json-file", "bad=1")]
    [InlineData("gelf-address is a required parameter", "gelf", "labels=x")]
    [InlineData("invalid syslog facility: none", "syslog", "syslog-facility=none")]
    [InlineData("invalid tag", "json-file", "tag={{.Nope}}")]
    [InlineData("logging mode not supported: maybe", "json-file", "mode=maybe")]
    [InlineData("error looking up logging plugin splunk: plugin \"splunk\" not found", "splunk", "tag=x")]
    public void Wrong_options_are_refused(string text, string driver, string option) =>
        Assert.Contains(text, engine.Docker.Run("create", "--log-driver", driver, "--log-opt", option, Engine.Image).ExitsWith(1).Error,
            StringComparison.Ordinal);

    private string Run(string driver, params string[] options)
    {
        var name = engine.NewName();
        engine.Docker.Run(["run", "--name", name, "--log-driver", driver, .. options, Engine.Image, "sh", "-c", Script]).Succeeded();
        return name;
    }

    private static List<byte[]> Receive(UdpClient receiver, int count)
    {
        receiver.Client.ReceiveTimeout = 60_000;
        var from = new IPEndPoint(IPAddress.Any, 0);
        return [.. Enumerable.Range(0, count).Select(_ => receiver.Receive(ref from))];
    }

    private static byte[] ReadUntil(NetworkStream stream, string text)
    {
        stream.ReadTimeout = 60_000;
        var bytes = new List<byte>();
        var buffer = new byte[4096];
        while (!Encoding.Latin1.GetString([.. bytes]).Contains(text, StringComparison.Ordinal) && stream.Read(buffer) is var count and > 0)
            bytes.AddRange(buffer[..count]);
        return [.. bytes];
    }

    private static string Inflate(byte[] message)
    {
        using var reader = new StreamReader(new GZipStream(new MemoryStream(message), CompressionMode.Decompress));
        return reader.ReadToEnd();
    }
}
