using System.Diagnostics;
using System.Globalization;
using System.Net;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Soak;

/// <summary>
/// A crowd: many lives, as many at once as are allowed, by clients side by side, while daemon and keeper are killed at random. Each life is made, started, ends
/// with a code of its own, has its whole log, and is removed; an end that both deaths together made unknowable (255, and said so) is counted apart.
/// </summary>
internal sealed class CrowdRun(Daemon daemon, int seed)
{
    private const int Lines = 20, UnknownCode = 255;

    // Milliseconds that the longest life lasts for each one beside it: so that as many as may run at once do, at 33 starts a second and more.
    private const int LongestShare = 60;

    private readonly Lock _random = new();
    private readonly Random _numbers = new(seed);
    private readonly string _transcript = Path.Combine(TestEnvironment.Root, "out", "test-results", "soak.log");
    private int _done, _running, _most, _unknown, _kills, _killsOfBoth;

    /// <summary>Runs it. Fails at what is lost, stuck or left.</summary>
    /// <param name="lives">How many lives.</param>
    /// <param name="atOnce">How many run at the same time.</param>
    /// <param name="clients">How many clients there are.</param>
    public async Task RunAsync(int lives, int atOnce, int clients)
    {
        Note($"crowd: seed {seed}, {lives} lives, {atOnce} at once, {clients} clients");
        // 1. What a first use makes is no leak.
        using (var first = new ApiConnection(daemon.Host))
            await LiveAsync(first, -1, 0, new SemaphoreSlim(1));
        await Task.Delay(1000);
        var traces = new EngineTraces(daemon);
        var before = EngineFigures.Take(daemon);

        // 2. The lives, and the deaths beside them.
        var watch = Stopwatch.StartNew();
        using var over = new CancellationTokenSource();
        var killing = Task.Run(() => KillAsync(over.Token));
        try
        {
            await LiveAllAsync(lives, atOnce, clients);
        }
        catch (Exception e)
        {
            Note($"failed after {_done} lives and {_kills} kills: {e.Message}");
            throw new InvalidOperationException($"seed {seed}: {e.Message}\n--- log of the daemon\n{daemon.ReadLog()}", e);
        }
        finally
        {
            await over.CancelAsync();
            await killing;
        }
        watch.Stop();

        // 3. Nothing is left; the figures.
        traces.AssertNothingNew();
        var after = EngineFigures.Take(daemon);
        Note(string.Create(CultureInfo.InvariantCulture, $"""
            {_done - 1} lives in {watch.Elapsed.TotalSeconds:0} s, {_most} at once, {_kills} kills ({_killsOfBoth} of both), {_unknown} exit codes unknown after a kill of both
            before {before}
            after  {after}
            """));
        Assert.True(_unknown == 0 || _killsOfBoth > 0, $"{_unknown} exit codes are unknown, and never both died");
        Assert.True(after.Threads <= before.Threads + 40, $"threads: {before} -> {after}");
    }

    private async Task LiveAllAsync(int lives, int atOnce, int clients)
    {
        using var room = new SemaphoreSlim(atOnce);
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(lives, clients)).Select(_ => Task.Run(async () =>
        {
            using var client = new ApiConnection(daemon.Host);
            var pending = new List<Task>();
            for (var life = Interlocked.Increment(ref next); life < lives; life = Interlocked.Increment(ref next))
            {
                await room.WaitAsync();
                pending.Add(LiveAsync(client, life, Next(0, atOnce * LongestShare) / 1000.0, room));
                if (pending.Count > atOnce / clients)
                {
                    var ended = await Task.WhenAny(pending);
                    pending.Remove(ended);
                    await ended;
                }
            }
            await Task.WhenAll(pending);
        })));
    }

    private async Task LiveAsync(ApiConnection client, int number, double seconds, SemaphoreSlim room)
    {
        var (name, code) = ($"crowd-{number}", Next(1, 100));
        try
        {
            // 1. Made and started: a client that asks again may find that the daemon had done it before it died.
            var script = string.Create(CultureInfo.InvariantCulture,
                $"i=0; while [ $i -lt {Lines} ]; do i=$((i+1)); echo line $i; done; sleep {seconds:0.00}; exit {code}");
            var (status, body) = await client.SendAsync(
                HttpMethod.Post, $"containers/create?name={name}", $$"""{"Image":"{{Engine.Image}}","Cmd":["sh","-c","{{script}}"]}""");
            Assert.True(status is HttpStatusCode.Created or HttpStatusCode.Conflict, $"create {name}: {status} {body}");
            (status, body) = await client.SendAsync(HttpMethod.Post, $"containers/{name}/start");
            Assert.True(status is HttpStatusCode.NoContent or HttpStatusCode.NotModified, $"start {name}: {status} {body}");
            InterlockedMost(Interlocked.Increment(ref _running));

            // 2. It ends with its code, and has written what it wrote.
            (status, body) = await client.SendAsync(HttpMethod.Post, $"containers/{name}/wait");
            Assert.Equal(HttpStatusCode.OK, status);
            Interlocked.Decrement(ref _running);
            var state = (await client.ReadAsync($"containers/{name}/json"))["State"]!;
            var ended = (int)state["ExitCode"]!;
            if (ended == UnknownCode && ((string)state["Error"]!).Contains("not known", StringComparison.Ordinal))
                Interlocked.Increment(ref _unknown);
            else
            {
                Assert.True(ended == code, $"{name} ended with {ended}, not with {code}: {state}");
                var (_, log) = await client.SendAsync(HttpMethod.Get, $"containers/{name}/logs?stdout=1&tail=all");
                var lines = log.Split('\n').Count(line => line.Contains("line ", StringComparison.Ordinal));
                // A start that a death kept from being answered is asked for again, and may run it again.
                Assert.True(lines == Lines || (lines > 0 && lines % Lines == 0 && _kills > 0) || _killsOfBoth > 0, $"{name} has {lines} lines in its log");
            }

            // 3. Removed.
            (status, body) = await client.SendAsync(HttpMethod.Delete, $"containers/{name}?v=1&force=1");
            Assert.True(status is HttpStatusCode.NoContent or HttpStatusCode.NotFound or HttpStatusCode.Conflict, $"rm {name}: {status} {body}");
            Interlocked.Increment(ref _done);
        }
        finally
        {
            room.Release();
        }
    }

    private async Task KillAsync(CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            await Task.Delay(Next(1500, 5000), CancellationToken.None);
            if (over.IsCancellationRequested)
                return;
            switch (Next(0, 10))
            {
                case < 5:
                    daemon.Kill();
                    daemon.Restart();
                    break;
                case < 9:
                    Command.Run(["sh", "-c", $"kill -KILL {string.Join(' ', daemon.KeeperPids)}"]);
                    break;
                default:
                    _killsOfBoth++;
                    daemon.KillWithKeeper();
                    daemon.Restart();
                    break;
            }
            _kills++;
        }
    }

    private int Next(int from, int to)
    {
        lock (_random)
            return _numbers.Next(from, to);
    }

    private void InterlockedMost(int running)
    {
        for (var most = Volatile.Read(ref _most); running > most
            && Interlocked.CompareExchange(ref _most, running, most) != most; most = Volatile.Read(ref _most))
            continue;
    }

    private void Note(string text) => File.AppendAllText(_transcript, $"{DateTime.UtcNow:HH:mm:ss.fff} {text}\n");
}
