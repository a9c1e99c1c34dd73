using System.Text;
using Gantry.Client.Tests;

namespace Gantry.Cli.Tests.Registries;

public class PullPushTests
{
    private const string Pulled =
        """
        {"status":"Pulling from library/busybox","id":"latest"}
        {"status":"Pulling fs layer","progressDetail":{},"id":"aaaaaaaaaaaa"}
        {"status":"Downloading","progressDetail":{"current":10,"total":100},"progress":"[>  ]","id":"aaaaaaaaaaaa"}
        {"status":"Download complete","progressDetail":{},"id":"aaaaaaaaaaaa"}
        {"status":"Extracting","progressDetail":{"current":100,"total":100},"id":"aaaaaaaaaaaa"}
        {"status":"Pull complete","progressDetail":{},"id":"aaaaaaaaaaaa"}
        {"status":"Digest: sha256:abc"}
        {"status":"Status: Downloaded newer image for busybox:latest"}

        """;

    private const string PulledText =
        "latest: Pulling from library/busybox\naaaaaaaaaaaa: Pulling fs layer\naaaaaaaaaaaa: Download complete\naaaaaaaaaaaa: Pull complete\n"
        + "Digest: sha256:abc\nStatus: Downloaded newer image for busybox:latest\n";

    [Fact]
    public async Task Without_a_terminal_each_change_is_a_line()
    {
        using var daemon = Answering(Pulled);
        Assert.Equal(
            (0, "Using default tag: latest\n" + PulledText + "docker.io/library/busybox:latest\n", ""),
            await CommandRunner.RunAsync(["pull", "busybox"], daemon.Address));
        Assert.EndsWith("/images/create?fromImage=busybox&tag=latest", daemon.Requests[0].Target);
        Assert.False(daemon.Requests[0].Fields.ContainsKey("X-Registry-Auth"));
    }

    [Fact]
    public async Task On_a_terminal_a_layer_has_one_line()
    {
        using var daemon = Answering(Pulled);
        using var terminal = new TypedTerminal();
        var (exitCode, output, _) = await CommandRunner.RunAsync(["pull", "busybox:latest"], daemon.Address, terminal: terminal);
        Assert.Equal(0, exitCode);
        Assert.EndsWith(
            "aaaaaaaaaaaa: Pull complete\u001b[K\nDigest: sha256:abc\nStatus: Downloaded newer image for busybox:latest\ndocker.io/library/busybox:latest\n",
            output);
    }

    [Theory]
    [InlineData("pull -q busybox", "docker.io/library/busybox:latest\n", "/images/create?fromImage=busybox&tag=latest")]
    [InlineData("pull -q r:5/a/b:1", "r:5/a/b:1\n", "/images/create?fromImage=r%3A5%2Fa%2Fb&tag=1")]
    [InlineData("pull -qa r:5/a", "r:5/a\n", "/images/create?fromImage=r%3A5%2Fa")]
    [InlineData("image pull -q --platform linux/arm64 r/a", "docker.io/r/a:latest\n", "/images/create?fromImage=r%2Fa&tag=latest&platform=linux%2Farm64")]
    [InlineData("push -q r:5/a/b:1", "r:5/a/b:1\n", "/images/r:5/a/b/push?tag=1")]
    [InlineData("push -qa r:5/a", "r:5/a\n", "/images/r:5/a/push")]
    [InlineData("push -q --platform linux/arm64 r:5/a", "r:5/a:latest\n",
        "/images/r:5/a/push?tag=latest&platform=%7B%22architecture%22%3A%22arm64%22%2C%22os%22%3A%22linux%22%7D")]
    public async Task Quiet_prints_the_reference_only(string command, string output, string target)
    {
        using var daemon = Answering("""{"status":"x"}""" + "\n");
        Assert.Equal((0, output, ""), await CommandRunner.RunAsync(command.Split(' '), daemon.Address));
        Assert.EndsWith(target, daemon.Requests[0].Target);
    }

    [Fact]
    public async Task Failures_within_the_stream_end_the_command()
    {
        using var daemon = Answering(
            """
            {"status":"Pulling fs layer","progressDetail":{},"id":"aaaaaaaaaaaa"}
            {"errorDetail":{"message":"unauthorized: no"},"error":"unauthorized: no"}

            """);
        Assert.Equal((1, "aaaaaaaaaaaa: Pulling fs layer\n", "unauthorized: no\n"), await CommandRunner.RunAsync(["pull", "busybox:1"], daemon.Address));
        Assert.Equal((1, "", "unauthorized: no\n"), await CommandRunner.RunAsync(["push", "-q", "busybox:1"], daemon.Address));
    }

    [Theory]
    [InlineData("pull -a busybox:1", "tag can't be used with --all-tags/-a\n")]
    [InlineData("push -a busybox:1", "tag can't be used with --all-tags/-a\n")]
    [InlineData("push r/b@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", "cannot push a digest reference\n")]
    [InlineData("pull UPPER", "invalid reference format: repository name (library/UPPER) must be lowercase\n")]
    public async Task Mistakes(string command, string error) =>
        Assert.Equal((1, "", error), await CommandRunner.RunAsync(command.Split(' '), "unix:///nonexistent"));

    [Theory]
    [InlineData("pull r:5/a:1")]
    [InlineData("push r:5/a:1")]
    [InlineData("run --pull always r:5/a:1")]
    public async Task Credentials_go_along(string command)
    {
        using var folder = new ConfigFolder().Write("""{"auths":{"r:5":{"auth":"bWU6Pz8+"}}}""");
        using var daemon = Answering("""{"status":"x"}""" + "\n");
        await CommandRunner.RunAsync(command.Split(' '), daemon.Address, "", folder.Environment);
        var text = daemon.Requests[0].Fields["X-Registry-Auth"];
        Assert.DoesNotContain('+', text);
        Assert.DoesNotContain('/', text);
        Assert.Equal(
            """{"username":"me","password":"??\u003E","serveraddress":"r:5"}""".Replace("\\u003E", ">"),
            Encoding.UTF8.GetString(Convert.FromBase64String(text.Replace('-', '+').Replace('_', '/'))));
    }

    private static FakeDaemon Answering(string messages) => new((_, connection) => connection.Send(FakeDaemon.Response(200, messages)) > 0);
}
