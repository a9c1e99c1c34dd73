using Gantry.Client.Tests;

namespace Gantry.Cli.Tests;

/// <summary>What a shell is told when the user presses the key.</summary>
public class CompletionTests
{
    [Theory]
    [InlineData("rena", "rename")]
    [InlineData("sta", "start stats")]
    [InlineData("container sta", "start stats")]
    [InlineData("volume ", "clone create export import inspect ls prune rm update")]
    [InlineData("compose u", "unpause up")]
    [InlineData("run --hea",
        "--health-cmd --health-interval --health-on-failure --health-retries --health-start-interval --health-start-period --health-timeout")]
    [InlineData("-", "--config --context --debug --help --host --log-level --tls --tlscacert --tlscert --tlskey --tlsverify --version")]
    [InlineData("stop ", "db web")]
    [InlineData("stop -t 5 w", "web")]
    [InlineData("exec web ", "")]
    [InlineData("run --name x bus", "busybox:latest")]
    [InlineData("inspect ", "busybox:latest db web")]
    [InlineData("run --network ", "back bridge")]
    [InlineData("network connect back w", "web")]
    [InlineData("nosuch ", "")]
    public async Task The_last_word_becomes(string words, string names)
    {
        using var daemon = new FakeDaemon(static (request, connection) =>
            connection.Send(FakeDaemon.Response(200, request.Target.Split('?')[0].Split('/')[^2..] switch
        {
            ["containers", "json"] => """[{"Names":["/web"]},{"Names":["/db"]}]""",
            ["images", "json"] => """[{"RepoTags":["busybox:latest"]}]""",
            _ => """[{"Name":"bridge"},{"Name":"back"}]""",
        })) > 0);
        Assert.Equal((0, string.Concat(names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static name => name + "\n")), ""),
            await CommandRunner.RunAsync(["__complete", .. words.Split(' ')], daemon.Address));
    }

    [Fact]
    public async Task Without_a_daemon_there_are_no_names_and_no_error() =>
        Assert.Equal((0, "", ""), await CommandRunner.RunAsync(["__complete", "-H", "unix:///nonexistent/s", "stop", ""]));

    [Theory]
    [InlineData("bash")]
    [InlineData("zsh")]
    [InlineData("fish")]
    public async Task A_shell_gets_its_script(string shell)
    {
        var (exitCode, output, error) = await CommandRunner.RunAsync(["completion", shell]);
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("docker", output);
        Assert.DoesNotContain("gantry", output);
    }

    [Theory]
    [InlineData("imagse", "images, image")]
    [InlineData("rum", "run, rm")]
    public async Task A_slip_is_told_what_it_may_have_been(string word, string names)
    {
        var (exitCode, _, error) = await CommandRunner.RunAsync([word]);
        Assert.Equal(1, exitCode);
        foreach (var name in names.Split(", "))
            Assert.Contains(name, error.Split('\n')[2]);
    }
}
