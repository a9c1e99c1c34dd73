using System.Collections.Concurrent;
using Gantry.EndToEnd.Tests.Api;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Durability;

/// <summary>A daemon that may have little memory, and clients that want much: they are refused, and the others are served.</summary>
[Trait("Only", "Gantry")]
public sealed class NoMemoryTests : IDisposable
{
    private const int Clients = 32, Rounds = 4;
    private readonly MemoryCgroup _cgroup = new(128 << 20);
    private readonly Engine _engine;

    public NoMemoryTests() => _engine = new Engine(null, before: _cgroup.Enter);

    public void Dispose()
    {
        _engine.Dispose();
        _cgroup.Dispose();
    }

    [Theory]
    [InlineData("long texts")]
    [InlineData("many small objects")]
    [InlineData("not even read")]
    public async Task Large_requests_are_refused_and_the_daemon_lives(string what)
    {
        var container = _engine.RunShell("exec sleep 600");
        var pid = _engine.Daemon.Pid;
        var (path, body) = what switch
        {
            "long texts" => ("/containers/create", $$$"""{"Image":"{{{Engine.Image}}}","Labels":{"a":"{{{new string('x', 7 << 20)}}}"}}"""),
            "many small objects" =>
                ("/containers/create",
                    $$$"""{"Image":"{{{Engine.Image}}}","HostConfig":{"Mounts":[{{{string.Join(',', Enumerable.Repeat("{}", 2 << 20))}}}]}}"""),
            _ => ($"/containers/{container}/pause", new string('x', 7 << 20)),
        };
        var answers = new ConcurrentBag<HttpAnswer>();
        var clients = Enumerable.Range(0, Clients).Select(_ => Task.Factory.StartNew(() => Ask(path, body, answers), TaskCreationOptions.LongRunning))
            .ToArray();
        do
        {
            // A well-behaved client gets what it wants, or is told why not.
            var run = _engine.Docker.Run("run", "--rm", Engine.Image, "echo", "served");
            Assert.True(run.Output == "served\n" || run.Error.Contains("memory", StringComparison.Ordinal), run.ToString());
        }
        while (clients.Any(client => !client.IsCompleted));
        await Task.WhenAll(clients);

        Assert.All(answers, answer => Assert.True(answer.Status is 201 or 204 or 400 or 409 or 503, $"{answer.Status} {answer.Body}"));
        Assert.All(answers.Where(answer => answer.Status == 503), answer => Assert.Contains("memory", answer.Body, StringComparison.Ordinal));
        Assert.True(what == "not even read" || answers.Any(answer => answer.Status == 503), "nothing was refused");
        Assert.Equal((pid, 0), (_engine.Daemon.Pid, _cgroup.Kills));
        Assert.Equal("served\n", _engine.Docker.Run("run", "--rm", Engine.Image, "echo", "served").Succeeded().Output);
        Assert.Equal("true", _engine.Docker.Inspect(container, "{{.State.Running}}"));
        Assert.DoesNotContain("OutOfMemory", _engine.Daemon.ReadLog(), StringComparison.Ordinal);
        foreach (var id in _engine.Docker.Run("ps", "-aq", "--filter", "status=created").Lines)
            _engine.Docker.Run("rm", id).Succeeded();
    }

    private void Ask(string path, string body, ConcurrentBag<HttpAnswer> answers)
    {
        for (var round = 0; round < Rounds; round++)
        {
            try
            {
                answers.Add(RawHttp.Post(_engine, path, body));
            }
            catch (IOException)
            {
                // Refused before all of it was sent: the connection is closed, and the answer may be lost with it.
            }
        }
    }
}
