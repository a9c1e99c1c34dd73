using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Builds;

/// <summary>Debian's ssh-agent, lent to steps.</summary>
[Trait("Only", "Gantry")]
public sealed class AgentTests : IClassFixture<Engine>, IDisposable
{
    private readonly Engine _engine;
    private readonly WorkFolder _work = new();
    private readonly Command _agent;

    public AgentTests(Engine engine)
    {
        _engine = engine;
        Socket = _work.File("agent.sock");
        _agent = Command.Start(["ssh-agent", "-D", "-a", Socket]);
        Eventually.True(() => File.Exists(Socket), () => "ssh-agent does not listen");
        Command.Shell($"cd '{_work.Path}' && ssh-keygen -q -t ed25519 -N '' -C lent-key -f key && SSH_AUTH_SOCK='{Socket}' ssh-add -q key");
        // The step's client of the agent, and its libraries.
        Command.Shell(
            $"mkdir -p '{_work.Path}/context/root' && cp -L --parents $(ldd /usr/bin/ssh-add | grep -o '/[^ )]*') /usr/bin/ssh-add '{_work.Path}/context/root'");
    }

    private string Socket { get; }

    public void Dispose()
    {
        _agent.Signal("TERM");
        _agent.Wait();
        _agent.Dispose();
        _work.Dispose();
    }

    [Theory, BothBuilders]
    public void Steps_use_the_agent_that_is_lent_to_them(string builder)
    {
        File.WriteAllText(_work.File("context/Dockerfile"), $"""
            FROM {Engine.Image}
            COPY root /
            RUN --mount=type=ssh ssh-add -l > /default
            RUN --mount=type=ssh,id=other,target=/other.sock,mode=0660,uid=3,gid=4 stat -c '%a %u %g' /other.sock > /mode
            USER 3:4
            RUN --mount=type=ssh,id=other,uid=3 ssh-add -l | tee /tmp/as-user
            USER 0
            RUN test -z "$SSH_AUTH_SOCK" && test ! -e /run/buildkit
            """);
        Build(builder, "--ssh", "default", "--ssh", $"other={Socket}", "-t", "e2e-agent:all").Succeeded();
        var files = _engine.Docker.Text("run", "--rm", "e2e-agent:all", "cat", "/default", "/mode", "/tmp/as-user").Split('\n');
        Assert.Contains("lent-key (ED25519)", files[0], StringComparison.Ordinal);
        Assert.Equal("660 3 4", files[1]);
        Assert.Contains("lent-key (ED25519)", files[2], StringComparison.Ordinal);
        _engine.Docker.Run("rmi", "-f", "e2e-agent:all").Succeeded();
    }

    [Theory, BothBuilders]
    public void Steps_use_an_agent_that_is_made_for_the_keys_of_files(string builder)
    {
        Command.Shell($"cd '{_work.Path}' && ssh-keygen -q -t rsa -b 2048 -N '' -C other-key -f rsa");
        File.WriteAllText(_work.File("context/Dockerfile"), $"FROM {Engine.Image}\nCOPY root /\nRUN --mount=type=ssh,id=files ssh-add -l > /keys\n");
        Build(builder, "--no-cache", "--ssh", $"files={_work.File("key")},{_work.File("rsa")}", "-t", "e2e-agent:files").Succeeded();
        var keys = _engine.Docker.Text("run", "--rm", "e2e-agent:files", "cat", "/keys");
        Assert.Contains("(ED25519)", keys, StringComparison.Ordinal);
        Assert.Contains("(RSA)", keys, StringComparison.Ordinal);
        _engine.Docker.Run("rmi", "-f", "e2e-agent:files").Succeeded();

        Assert.Contains("no such file or directory", Build(builder, "--ssh", "files=/nonexistent/key").ExitsWithFailure().Error, StringComparison.Ordinal);
        File.WriteAllText(_work.File("no-key"), "hello");
        Build(builder, "--ssh", $"files={_work.File("no-key")}").ExitsWithFailure();
        Assert.Empty(Directory.GetDirectories(_work.File("tmp")));
    }

    [Theory, BothBuilders]
    public void A_step_that_needs_an_agent_fails_without(string builder)
    {
        File.WriteAllText(_work.File("context/Dockerfile"), $"FROM {Engine.Image}\nRUN --mount=type=ssh,required ssh-add -l\n");
        Assert.Contains("unset ssh forward key default", Build(builder).ExitsWithFailure().Error, StringComparison.Ordinal);
    }

    private CommandResult Build(string builder, params string[] options) => builder == "gantry"
        ? Command.Run([TestEnvironment.Gantry, "-H", _engine.Host, "build", "--progress=plain", .. options, _work.File("context")], environment: Environment)
        : Command.Run([TestEnvironment.Buildx!, "build", "--progress=plain", .. options, _work.File("context")], environment: Environment);

    private Dictionary<string, string> Environment =>
        new() { ["SSH_AUTH_SOCK"] = Socket, ["DOCKER_HOST"] = _engine.Host, ["DOCKER_CONFIG"] = _work.File("no-config"),
            ["TMPDIR"] = Directory.CreateDirectory(_work.File("tmp")).FullName };
}
