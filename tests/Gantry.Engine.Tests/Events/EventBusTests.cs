using Gantry.Engine.Events;

namespace Gantry.Engine.Tests.Events;

public sealed class EventBusTests
{
    private static readonly Dictionary<string, string> s_none = [];

    [Fact]
    public async Task A_listener_gets_what_is_published_after_it_came()
    {
        using var bus = new EventBus(TimeProvider.System);
        bus.Publish("container", "early", "1", s_none);
        await using var events = bus.Listen(null, null, default).GetAsyncEnumerator();
        bus.Publish("container", "late", "1", s_none);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("late", events.Current.Action);
    }

    [Fact]
    public async Task The_past_is_replayed_up_to_its_limit_and_an_end_in_the_past_ends_it()
    {
        using var bus = new EventBus(TimeProvider.System);
        for (var i = 0; i < EventBus.Kept + 10; i++)
            bus.Publish("container", $"{i}", "1", s_none);
        var now = DateTimeOffset.UtcNow;
        var seen = new List<string>();
        await foreach (var message in bus.Listen(now.AddHours(-1), now, default))
            seen.Add(message.Action);
        Assert.Equal(EventBus.Kept, seen.Count);
        Assert.Equal("10", seen[0]);
    }

    [Fact]
    public async Task Cancelling_ends_the_listening()
    {
        using var bus = new EventBus(TimeProvider.System);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await foreach (var message in bus.Listen(null, null, cancel.Token))
            Assert.Fail($"unexpected {message}");
    }

    [Fact]
    public async Task Another_process_has_the_past_but_for_what_is_torn()
    {
        var folder = Directory.CreateTempSubdirectory("gantry-events-");
        try
        {
            var path = Path.Combine(folder.FullName, "events.jsonl");
            // More than four times what is kept: the file was begun anew in between. It is not closed, as that of a killed daemon.
            const int Count = 5 * EventBus.Kept + 10;
            var killed = new EventBus(TimeProvider.System, path);
            for (var i = 0; i < Count; i++)
                killed.Publish("container", "start", $"{i}", new Dictionary<string, string> { ["name"] = "line\n\"\u00e9" });
            File.AppendAllText(path, "{\"Type\":\"contai\n");
            Assert.InRange(File.ReadLines(path).Count(), EventBus.Kept, 4 * EventBus.Kept + 1);

            using (var next = new EventBus(TimeProvider.System, path))
                next.Publish("container", "die", "last", s_none);

            using var bus = new EventBus(TimeProvider.System, path);
            var now = DateTimeOffset.UtcNow;
            var seen = new List<EngineEvent>();
            await foreach (var message in bus.Listen(now.AddHours(-1), now, default))
                seen.Add(message);
            Assert.Equal([.. Enumerable.Range(Count - EventBus.Kept + 1, EventBus.Kept - 1).Select(i => $"{i}"), "last"], seen.Select(e => e.ActorId));
            Assert.Equal("line\n\"\u00e9", seen[0].Attributes["name"]);
            Assert.Equal(seen.OrderBy(e => e.Time), seen);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Without_a_file_to_write_events_are_in_memory_and_written_once_there_is_one()
    {
        var folder = Directory.CreateTempSubdirectory("gantry-events-");
        try
        {
            // A folder of that name can neither be read nor replaced.
            var path = Path.Combine(folder.FullName, "events.jsonl");
            Directory.CreateDirectory(Path.Combine(path, "in the way"));
            using var bus = new EventBus(TimeProvider.System, path);
            bus.Publish("container", "start", "1", s_none);
            var now = DateTimeOffset.UtcNow;
            var seen = new List<string>();
            await foreach (var message in bus.Listen(now.AddHours(-1), now, default))
                seen.Add(message.ActorId);
            Assert.Equal(["1"], seen);

            Directory.Delete(path, recursive: true);
            bus.Publish("container", "die", "1", s_none);
            bus.Publish("container", "destroy", "1", s_none);
            Assert.Equal(3, File.ReadLines(path).Count());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
