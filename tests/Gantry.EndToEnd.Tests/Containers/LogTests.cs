using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

public sealed class LogTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void Output_and_errors_come_back_apart(string client)
    {
        var name = Ended("echo out; echo err >&2");
        var result = engine.Client(client).Run("logs", name).Succeeded();
        Assert.Equal(("out\n", "err\n"), (result.Output, result.Error));
    }

    [Theory, BothClients]
    public void Tail_gives_the_last_lines(string client)
    {
        var name = Ended("seq 1 1000");
        Assert.Equal("999\n1000\n", engine.Client(client).Run("logs", "--tail", "2", name).Output);
        Assert.Equal("", engine.Client(client).Run("logs", "--tail", "0", name).Succeeded().Output);
        Assert.Equal(1000, engine.Client(client).Run("logs", "--tail", "all", name).Lines.Length);
        Assert.Equal(1000, engine.Client(client).Run("logs", "-n", "5000", name).Lines.Length);
    }

    [Theory, BothClients]
    public void Timestamps_are_nanoseconds_in_UTC(string client)
    {
        var name = Ended("echo first; echo second");
        var lines = engine.Client(client).Run("logs", "--timestamps", name).Lines;
        Assert.All(lines, line => Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (first|second)$", line));
        Assert.True(string.CompareOrdinal(lines[0], lines[1]) < 0, string.Join("\n", lines));
    }

    [Theory, BothClients]
    public void Follow_shows_what_comes_and_ends_with_the_container(string client)
    {
        var name = engine.RunShell("i=0; while [ $i -lt 40 ]; do i=$((i+1)); echo line $i; sleep 0.02; done");
        var lines = engine.Client(client).Run("logs", "-f", name).Lines;
        Assert.Equal(Enumerable.Range(1, 40).Select(i => $"line {i}"), lines);
    }

    [Theory, BothClients]
    public void Follow_with_tail_begins_at_the_last_lines(string client)
    {
        var name = engine.RunShell("trap 'echo last; exit' TERM; seq 1 10; while :; do sleep 0.05; done");
        Eventually.True(() => engine.Docker.Run("logs", name).Lines.Length == 10, () => "no output");
        using var follow = engine.Client(client).Start("logs", "-f", "--tail", "5", "--timestamps", name);
        follow.WaitForOutput("Z 10\n");
        engine.Docker.Run("stop", name).Succeeded();
        var lines = follow.Wait().Lines;
        Assert.Equal(["6", "7", "8", "9", "10", "last"], lines.Select(line => line.Split(' ')[1]));
    }

    [Theory, BothClients]
    public void Since_and_until_cut_out_a_span(string client)
    {
        var name = Ended("echo before; sleep 0.3; echo between; sleep 0.3; echo after");
        var times = engine.Docker.Run("logs", "-t", name).Lines.Select(line => line.Split(' ')[0]).ToArray();
        Assert.Equal("between\nafter\n", engine.Client(client).Run("logs", "--since", times[1], name).Output);
        Assert.Equal("before\nbetween\n", engine.Client(client).Run("logs", "--until", times[1], name).Output);
    }

    [Theory, BothClients]
    public void A_long_line_stays_one_line(string client)
    {
        var name = Ended("head -c 100000 /dev/zero | tr '\\0' x; echo");
        Assert.Equal(new string('x', 100000) + "\n", engine.Client(client).Run("logs", name).Output);
    }

    [Theory, BothClients]
    public void A_last_line_without_an_end_is_there(string client) =>
        Assert.Equal("no end", engine.Client(client).Run("logs", Ended("printf 'no end'")).Output);

    [Theory, BothClients]
    public void Files_are_rotated_at_the_size_that_was_set(string client)
    {
        var name = engine.NewName();
        engine.Client(client).Run("run", "--name", name, "--log-opt", "max-size=10k", "--log-opt", "max-file=3", Engine.Image, "sh", "-c", "seq 1 2000")
            .Succeeded();
        var lines = engine.Client(client).Run("logs", name).Lines;
        Assert.Equal("2000", lines[^1]);
        Assert.InRange(lines.Length, 200, 1000);
        var last = 2000 - lines.Length + 1;
        Assert.Equal(Enumerable.Range(last, lines.Length).Select(i => $"{i}"), lines);
    }

    [Theory, BothClients]
    public void A_missing_container_is_named(string client) =>
        Assert.Contains("No such container: e2e-missing", engine.Client(client).Run("logs", "e2e-missing").ExitsWith(1).Error, StringComparison.Ordinal);

    private string Ended(string script)
    {
        var name = engine.NewName();
        engine.Docker.Run("run", "--name", name, Engine.Image, "sh", "-c", script).Succeeded();
        return name;
    }
}
