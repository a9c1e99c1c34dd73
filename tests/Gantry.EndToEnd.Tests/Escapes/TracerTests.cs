using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Escapes;

/// <summary>
/// A container with CAP_SYS_PTRACE stops each process that is put into its pid namespace before that executes anything (tracer.c), looks through
/// its memory, descriptors and capabilities, and writes over its memory. The process is what it is going to be by then: nothing of the keeper
/// is in it, and nothing that is done to it reaches the keeper.
/// </summary>
[Trait("Only", "Gantry")]
public sealed class TracerTests : IDisposable
{
    private const int Tries = 300, Meetings = 5;

    private readonly string _secret = "keeper-secret-" + Guid.NewGuid().ToString("N");
    private readonly Engine _engine;

    public TracerTests()
    {
        // The keeper has it in its memory from its start on.
        _engine = new Engine(new Dictionary<string, string> { ["GANTRY_TEST_SECRET"] = _secret });
        Command.Run(["gcc", "-static", "-O1", "-o", _engine.HostFolderAsSeenHere + "/tracer",
            Path.Combine(TestEnvironment.Root, "tests/Gantry.EndToEnd.Tests/Escapes/tracer.c")]).Succeeded();
    }

    private string Notes => File.ReadAllText(_engine.HostFolderAsSeenHere + "/notes");

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData("exec")]
    [InlineData("exec --privileged")]
    [InlineData("run")]
    public void What_enters_shows_nothing_of_the_keeper(string way)
    {
        var tracer = StartTracer("read");
        Meet(way, tracer, result => result.Succeeded());

        var notes = Notes.Split('\n');
        Assert.DoesNotContain(notes, line => line.Contains("secret", StringComparison.Ordinal) || line == "root of the host");
        Assert.All(notes.Where(line => line.StartsWith("descriptor ", StringComparison.Ordinal)), line =>
            Assert.Matches("^descriptor [012] (pipe:|/dev/null)", line));
        if (way == "exec")
            Assert.Single(notes.Where(line => line.StartsWith("CapEff", StringComparison.Ordinal)).Append("CapEff:\t" + Capabilities(tracer)).Distinct());
    }

    [Theory]
    [InlineData("exec")]
    [InlineData("run")]
    public void Writing_over_what_enters_harms_nobody_else(string way)
    {
        var other = _engine.RunShell("exec sleep 600");
        var keeper = _engine.Daemon.KeeperPid;
        var tracer = StartTracer("write");
        Meet(way, tracer, _ => { });

        Assert.Contains("overwritten\n", Notes, StringComparison.Ordinal);
        Assert.Equal(keeper, _engine.Daemon.KeeperPid);
        Assert.Equal("fine", _engine.Docker.Text("exec", other, "echo", "fine"));
        Assert.Equal("running", _engine.Docker.Inspect(tracer, "{{.State.Status}}"));
    }

    private string StartTracer(string what)
    {
        var name = _engine.NewName("tracer");
        _engine.Docker.Run("run", "-d", "--name", name, "--cap-add", "SYS_PTRACE", "-v", _engine.HostFolder + ":/t", Engine.Image, "/t/tracer", what, _secret,
            _engine.HostFolder + "/tracer", "/t/notes").Succeeded();
        Eventually.True(() => File.Exists(_engine.HostFolderAsSeenHere + "/notes") && Notes.StartsWith("ready", StringComparison.Ordinal), () =>
            "the tracer does not begin");
        return name;
    }

    /// <summary>Puts processes into the tracer's pid namespace until it has met some on their way.</summary>
    private void Meet(string way, string tracer, Action<CommandResult> check)
    {
        for (var tries = 0; tries < Tries && Notes.Split("met\n").Length <= Meetings; tries++)
        {
            check(way == "run"
                ? _engine.Docker.Run("run", "--rm", "--network", "none", "--pid", "container:" + tracer, Engine.Image, "true")
                : _engine.Docker.Run([.. way.Split(' '), tracer, "true"]));
        }

        Assert.True(Notes.Split("met\n").Length > Meetings, "the tracer met nobody on the way");
    }

    private string Capabilities(string name) =>
        _engine.Docker.Run("exec", name, "grep", "CapEff", "/proc/self/status").Text["CapEff:\t".Length..];
}
