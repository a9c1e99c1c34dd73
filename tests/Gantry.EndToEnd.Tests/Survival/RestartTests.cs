using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Survival;

/// <summary>What a daemon finds when it starts, and how one takes the place of another. A daemon of its own for each test.</summary>
[Trait("Only", "Gantry")]
public sealed class RestartTests : IDisposable
{
    private readonly Daemon _daemon = new();

    public RestartTests() => Docker.Run("load", "-i", TestEnvironment.ImageArchive).Succeeded();

    private Client Docker => new(TestEnvironment.DockerClient, _daemon.Host);

    private Client Gantry => new(TestEnvironment.Gantry, _daemon.Host);

    public void Dispose() => _daemon.Dispose();

    [Fact]
    public void Many_containers_are_found_as_they_were()
    {
        for (var i = 0; i < 40; i++) Gantry.Run("run", "--name", $"stopped-{i}", Engine.Image, "sh", "-c", $"exit {i}").ExitsWith(i);
        for (var i = 0; i < 10; i++) Gantry.Run("run", "-d", "--name", $"running-{i}", Engine.Image, "sleep", "600").Succeeded();
        Gantry.Run("create", "--name", "created", Engine.Image, "true").Succeeded();
        Gantry.Run("pause", "running-0").Succeeded();
        var before = States();
        Assert.Equal(51, before.Length);

        _daemon.Kill();
        _daemon.Restart();
        Assert.Equal(before, States());
        _daemon.KillWithKeeper();
        _daemon.Restart();
        Assert.Equal(before, States());
    }

    [Fact]
    public void A_daemon_waits_for_the_one_before_it_to_end()
    {
        Docker.Run("run", "-d", "--name", "c", Engine.Image, "sleep", "600").Succeeded();
        var next = _daemon.LaunchAnother();
        Eventually.True(() => _daemon.ReadLog().Contains("waiting for its end", StringComparison.Ordinal), () => "the second daemon does not wait");
        Assert.False(next.HasExited);
        _daemon.StopFor(next);
        Eventually.True(() => Docker.Run("ps", "-q").Output.Length > 0, () => "the second daemon does not take over:\n" + _daemon.ReadLog());
        Assert.Equal("running", Docker.Inspect("c", "{{.State.Status}}"));
    }

    [Fact]
    public void A_daemon_that_is_told_to_stop_while_it_starts_stops()
    {
        using var next = _daemon.LaunchAnother();
        Eventually.True(() => _daemon.ReadLog().Contains("waiting for its end", StringComparison.Ordinal), () => "the second daemon does not wait");
        next.Signal("TERM");
        next.Wait().ExitsWith(0);
        Assert.DoesNotContain("Unhandled", _daemon.ReadLog(), StringComparison.Ordinal);
        Assert.Equal("", Docker.Text("ps", "-q"));
    }

    [Fact]
    public void A_daemon_whose_folder_is_in_use_says_so()
    {
        using var second = _daemon.LaunchAnother();
        var refused = second.Wait().ExitsWith(1);
        Assert.Contains($"another daemon uses {_daemon.Root}: stop it", _daemon.ReadLog(), StringComparison.Ordinal);
        Assert.Equal("", refused.Output);
        Assert.Equal("", Docker.Text("ps", "-q"));
    }

    /// <summary>A crash between the two steps of a removal: the container is renamed, its volume is there still.</summary>
    [Fact]
    public void A_removal_that_was_interrupted_is_finished()
    {
        Docker.Run("run", "--name", "c", "-v", "/data", Engine.Image, "touch", "/data/x").Succeeded();
        Docker.Run("run", "--name", "kept", "-v", "/data", Engine.Image, "touch", "/data/x").Succeeded();
        var (gone, kept) = (Docker.Inspect("c", "{{.Id}}"), Docker.Inspect("kept", "{{.Id}}"));
        var volume = Docker.Inspect("kept", "{{(index .Mounts 0).Name}}");
        _daemon.Kill();
        var containers = Path.Combine(_daemon.Root, "containers");
        Directory.Move(Path.Combine(containers, gone), Path.Combine(containers, $"removed-volumes-{gone}"));
        Directory.Move(Path.Combine(containers, kept), Path.Combine(containers, $"removed-{kept}"));
        _daemon.Restart();
        Assert.Equal("", Docker.Text("ps", "-aq"));
        Assert.Equal(volume, Docker.Text("volume", "ls", "-q"));
        MachineState.AssertContainersGone([gone, kept], _daemon.Root, _daemon.Run);
    }

    [Fact]
    public void A_container_that_ends_while_the_daemon_starts_is_known_to_have_ended()
    {
        // Some end before the daemon looks, some while it does, some after: none of their codes may be lost.
        for (var i = 0; i < 20; i++)
            Gantry.Run("run", "-d", "--name", $"c{i}", Engine.Image, "sh", "-c", $"while [ ! -e /go ]; do sleep 0.0{i}; done; exit {i}").Succeeded();
        for (var i = 0; i < 20; i++) Gantry.Run("exec", "-d", $"c{i}", "sh", "-c", "sleep 0.3; touch /go").Succeeded();
        _daemon.Kill();
        _daemon.Restart();
        for (var i = 0; i < 20; i++) Assert.Equal($"{i}", Gantry.Text("wait", $"c{i}"));
        for (var i = 0; i < 20; i++) Assert.Equal($"exited {i}", Gantry.Inspect($"c{i}", "{{.State.Status}} {{.State.ExitCode}}{{.State.Error}}"));
    }

    private string[] States()
    {
        var names = Docker.Run("ps", "-a", "--format", "{{.Names}} {{.State}}").Lines;
        return [.. names.Zip(Docker.Run(["inspect", "--format", "{{.Name}} {{.State.Status}} {{.State.ExitCode}} {{.State.Pid}} {{.State.StartedAt}}",
            .. names.Select(line => line.Split(' ')[0])]).Lines, (listed, shown) => $"{listed} {shown}")];
    }
}
