using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Survival;

/// <summary>A build whose client, daemon or keeper is killed at any moment leaves nothing behind, and the next one works.</summary>
[Trait("Only", "Gantry")]
public sealed class BuildDeathTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private const string Image = "e2e-death:latest";
    private readonly WorkFolder _work = new();
    private readonly Random _random = new();

    public void Dispose()
    {
        engine.Docker.Run("rmi", "-f", Image);
        _work.Dispose();
    }

    [Theory]
    [InlineData("client")]
    [InlineData("daemon")]
    [InlineData("daemon and keeper")]
    public void Whoever_is_killed_the_next_build_is_right(string victim)
    {
        WriteContext();
        for (var round = 0; round < 5; round++)
        {
            // 1. A build that is killed: contexts, steps side by side, mounts of all kinds, a large layer, an image.
            WriteLarge();
            var moment = TimeSpan.FromMilliseconds(_random.Next(1500));
            using var build = Gantry.Start(Arguments(round));
            Thread.Sleep(moment);
            Kill(victim, build);
            // 2. Nothing is left of it.
            Eventually.True(() => Left().Length == 0, () => $"{victim} killed after {moment}, left:\n{Left()}");
            // 3. The next one is right.
            Gantry.Run(Arguments(round)).Succeeded();
            var sum = Command.Shell($"md5sum < '{_work.File("large")}' | cut -d' ' -f1").Trim();
            Assert.Equal($"{sum}\n{sum}\n{round}\nhere",
                engine.Docker.Text("run", "--rm", Image, "sh", "-c", "cut -d' ' -f1 /sum; md5sum /large | cut -d' ' -f1; cat /round /made/of"));
        }
    }

    private Client Gantry => engine.Client("gantry");

    private string[] Arguments(int round) =>
        ["build", "--progress", "plain", "--secret", $"id=s,src={_work.File("small")}", "--build-arg", $"ROUND={round}", "-t", Image, _work.Path];

    private void Kill(string victim, Command build)
    {
        if (victim == "client")
        {
            if (!build.HasExited)
                build.Signal("KILL");
            build.Wait();
            return;
        }
        if (victim == "daemon")
            engine.Daemon.Kill();
        else
            engine.Daemon.KillWithKeeper();
        build.Wait();
        engine.Daemon.Restart();
    }

    /// <summary>What builds have on a machine while they run: cgroups, snapshots, files that are written, mounts.</summary>
    private string Left() => Command.Shell($$"""
        find /sys/fs/cgroup -type d -path '*{{MachineState.EngineCgroup(engine.Daemon.Root)}}*' -name '*build*' 2>/dev/null
        cd '{{engine.Daemon.Root}}'
        find snapshots/*/writable snapshots/*/trash build/files/new -mindepth 1 -maxdepth 1 2>/dev/null
        find images/ingest -type f ! -name .lock 2>/dev/null
        find '{{engine.Daemon.Run}}/rootfs' -mindepth 1 2>/dev/null
        awk '$5 ~ "^{{engine.Daemon.Folder}}" {print $5}' /proc/self/mountinfo
        true
        """);

    private void WriteContext()
    {
        File.WriteAllText(_work.File("small"), "here");
        File.WriteAllText(_work.File("Dockerfile"), $"""
            FROM {Engine.Image} AS one
            COPY large /large
            RUN --mount=type=cache,target=/c --mount=type=tmpfs,target=/t --mount=type=secret,id=s,env=S touch /c/x /t/x; sleep 0.2; md5sum < /large > /sum
            FROM {Engine.Image} AS two
            RUN --mount=type=bind,target=/context sleep 0.3; mkdir /made && cp /context/small /made/of
            FROM {Engine.Image}
            COPY --from=one /sum /large /
            COPY --from=two /made /made
            ARG ROUND
            RUN echo $ROUND > /round; sleep 0.1

            """);
    }

    private void WriteLarge()
    {
        var bytes = new byte[16 << 20];
        _random.NextBytes(bytes);
        File.WriteAllBytes(_work.File("large"), bytes);
    }
}
