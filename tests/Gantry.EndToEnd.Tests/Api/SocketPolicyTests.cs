using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Api;

/// <summary>Sockets with less rights than the engine's own.</summary>
[Trait("Only", "Gantry")]
public sealed class SocketPolicyTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-e2e-sockets-").FullName;
    private readonly Engine _engine;

    public SocketPolicyTests() => _engine = new Engine(
        null,
        ["--socket", $"unix://{_folder}/ro,policy=read-only,group=65534",
        "--socket", $"unix://{_folder}/shop,policy=project:shop",
        "--socket", $"unix://{_folder}/verbs,policy=verbs:container.list+container.restart"]);

    public void Dispose()
    {
        _engine.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Each_socket_allows_what_its_policy_says_and_nothing_else()
    {
        var shop = _engine.RunShell("echo hello; exec sleep 600", "--label", "com.docker.compose.project=shop");
        var other = _engine.RunShell("exec sleep 600");
        var (readOnly, project, verbs) = (At("ro"), At("shop"), At("verbs"));

        Assert.Equal([other, shop], readOnly.Run("ps", "--format", "{{.Names}}").Lines);
        Assert.Equal("running", readOnly.Inspect(shop, "{{.State.Status}}"));
        readOnly.Run("version").Succeeded();
        foreach (string[] words in (string[][])[
            ["stop", shop], ["exec", shop, "true"], ["create", Engine.Image], ["rm", "-f", shop], ["volume", "create"], ["cp", "/etc/passwd", shop + ":/"]])
            Assert.Contains("this socket does not allow", readOnly.Run(words).Error, StringComparison.Ordinal);
        // docker's client tells of an attach that is refused only its status.
        Assert.Contains("403", readOnly.Run("attach", shop).ExitsWithFailure().Error, StringComparison.Ordinal);
        Assert.Equal("660 65534", Command.Shell($"stat -c '%a %g' {_folder}/ro"));

        Assert.Equal([shop], project.Run("ps", "-a", "--format", "{{.Names}}").Lines);
        Assert.Equal("hello", project.Text("logs", shop));
        project.Run("restart", "-t", "0", shop).Succeeded();
        Assert.Contains("No such container: " + other, project.Run("logs", other).ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("No such container: " + other, project.Run("stop", other).ExitsWith(1).Error, StringComparison.Ordinal);
        foreach (string[] words in (string[][])[
            ["run", "-v", "/:/host", Engine.Image], ["exec", "--privileged", shop, "true"], ["images"], ["rename", other, "e2e-stolen"]])
            Assert.Contains("this socket does not allow", project.Run(words).Error, StringComparison.Ordinal);
        Assert.DoesNotContain(other, project.Text("events", "--since", "0", "--until", "0s"), StringComparison.Ordinal);

        verbs.Run("ps").Succeeded();
        verbs.Run("restart", "-t", "0", other).Succeeded();
        Assert.Contains("this socket does not allow container.stop", verbs.Run("stop", other).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("policy=none", "neither read-only nor project:NAME nor verbs:")]
    [InlineData("policy=verbs:container.strat", "there is no operation \"container.strat\"")]
    [InlineData("mode=0666", "neither policy=POLICY nor group=GROUP")]
    public void What_is_no_policy_keeps_the_daemon_from_starting(string option, string text)
    {
        var result = Command.Run([TestEnvironment.Gantry, "daemon", "--root", _folder + "/root", "--run", _folder + "/run", "-H", $"unix://{_folder}/run/own",
            "--socket", $"unix://{_folder}/x,{option}"]);
        Assert.Contains(text, result.ExitsWith(1).Error, StringComparison.Ordinal);
    }

    private Client At(string socket) => new(TestEnvironment.DockerClient, $"unix://{_folder}/{socket}");
}
