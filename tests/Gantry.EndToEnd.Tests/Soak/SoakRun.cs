using System.Diagnostics;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>
/// Many container lives, some at a time, and in each round somebody who is killed at a random point. The seed decides what happens; when exactly,
/// the machine does.
/// </summary>
internal sealed class SoakRun(Daemon daemon, int seed)
{
    private const int LivesEachRound = 3, LongestDelay = 300, LatestKill = 700, RoundsBetweenLeakChecks = 5;

    private readonly Random _random = new(seed);
    private readonly string _transcript = Path.Combine(TestEnvironment.Root, "out", "test-results", "soak.log");
    private int _lives;

    /// <summary>Runs the rounds. Fails at the first thing that is lost or left.</summary>
    public void Run(int lives)
    {
        Note($"seed {seed}, {lives} lives");
        PlayRound(new Random(0), Damage.None); // What an engine makes when it is used for the first time is no leak.
        RemoveContainers();
        var traces = new EngineTraces(daemon);
        for (var round = 1; _lives < lives; round++)
        {
            PlayRound(_random, (Damage)_random.Next(Enum.GetValues<Damage>().Length));
            RemoveContainers();
            if (round % RoundsBetweenLeakChecks == 0 || _lives >= lives) traces.AssertNothingNew();
        }

        Note($"{_lives} lives, nothing lost and nothing left");
    }

    private void PlayRound(Random random, Damage damage)
    {
        var lives = Enumerable.Range(0, LivesEachRound).Select(_ => NewLife(random)).OrderBy(life => life.Delay).ToList();
        var killAfter = random.Next(LatestKill);
        var round = $"{damage} after {killAfter} ms\n  {string.Join("\n  ", lives)}";
        Note(round);
        try
        {
            var watch = Stopwatch.StartNew();
            var killing = Task.Run(() =>
            {
                SleepUntil(watch, killAfter);
                Kill(damage, lives);
            });
            foreach (var life in lives)
            {
                SleepUntil(watch, life.Delay);
                life.Begin();
            }

            killing.GetAwaiter().GetResult();
            foreach (var life in lives) life.EndClient();
            foreach (var life in lives) life.Verify(damage);
        }
        catch (Exception e)
        {
            Note($"failed: {e.Message}");
            throw new InvalidOperationException($"seed {seed}, life {_lives}: {round}\n{e.Message}\n--- log of the daemon\n{daemon.ReadLog()}", e);
        }
    }

    private void Kill(Damage damage, List<Life> lives)
    {
        switch (damage)
        {
            case Damage.Clients:
                foreach (var life in lives) life.KillClient();
                break;
            case Damage.Daemon:
                daemon.Kill();
                daemon.Restart();
                break;
            case Damage.Keeper:
                KillKeeper();
                break;
            case Damage.DaemonThenKeeper:
                daemon.Kill();
                daemon.Restart();
                KillKeeper();
                break;
            case Damage.KeeperTwice:
                var first = KillKeeper();
                Eventually.True(() => daemon.KeeperPids.Any(pid => !first.Contains(pid)), () => "no keeper was started in its place");
                KillKeeper();
                break;
            case Damage.Both:
                daemon.KillWithKeeper();
                daemon.Restart();
                break;
        }

        Eventually.True(() => daemon.KeeperPids.Count == 1, () => "there is no keeper, or more than one");
    }

    private IReadOnlyList<int> KillKeeper()
    {
        var keepers = daemon.KeeperPids;
        Command.Run(["sh", "-c", $"kill -KILL {string.Join(' ', keepers)}"]);
        return keepers;
    }

    private Life NewLife(Random random)
    {
        var client = new Client(random.Next(3) == 0 ? TestEnvironment.DockerClient : TestEnvironment.Gantry, daemon.Host);
        var (name, delay) = ($"soak-{++_lives}", random.Next(LongestDelay));
        var (lines, code) = (random.Next(1, 600), random.Next(1, 100));
        return random.Next(13) switch
        {
            0 or 1 => new RemovedLife(client, name, delay, lines, code),
            2 => new NumberedLife(client, name, delay, [], lines, code),
            3 => new NumberedLife(client, name, delay, ["-d"], lines, code),
            4 => new NumberedLife(client, name, delay, ["-d", "-t"], lines, code),
            5 => new NumberedLife(client, name, delay, ["-d", "--log-opt", "max-size=3k", "--log-opt", "max-file=30"], lines, code),
            6 => new ExecLife(client, name, delay, lines, code),
            7 or 8 => new StoppedLife(client, name, delay, random.Next(3) switch { 0 => ["stop"], 1 => ["kill"], _ => ["rm", "-f"] }),
            9 => new NumberedLife(client, name, delay, ["-d", "-v", "/data"], lines, code),
            10 => new PausedLife(client, name, delay, lines, code),
            11 => new InputLife(client, name, delay, lines, code),
            _ => new PolicyLife(client, name, delay, always: random.Next(2) == 0),
        };
    }

    private void RemoveContainers()
    {
        var client = new Client(TestEnvironment.Gantry, daemon.Host);
        var ids = client.Run("ps", "-aq", "--no-trunc").Lines;
        if (ids.Length > 0) client.Run(["rm", "-f", "-v", .. ids]).Succeeded();
        Assert.Empty(client.Run("ps", "-aq").Lines);
    }

    private static void SleepUntil(Stopwatch watch, int milliseconds)
    {
        if (milliseconds - watch.ElapsedMilliseconds is > 0 and var left) Thread.Sleep((int)left);
    }

    private void Note(string text) => File.AppendAllText(_transcript, $"{DateTime.UtcNow:HH:mm:ss.fff} {text}\n");
}
