using Gantry.Engine.Events;

namespace Gantry.Engine.Tests.Events;

public sealed class EventBusTests
{
    private static readonly Dictionary<string, string> s_none = [];

    [Fact]
    public async Task A_listener_gets_what_is_published_after_it_came()
    {
        var bus = new EventBus(TimeProvider.System);
        bus.Publish("container", "early", "1", s_none);
        await using var events = bus.Listen(null, null, default).GetAsyncEnumerator();
        bus.Publish("container", "late", "1", s_none);
        Assert.True(await events.MoveNextAsync());
        Assert.Equal("late", events.Current.Action);
    }

    [Fact]
    public async Task The_past_is_replayed_up_to_its_limit_and_an_end_in_the_past_ends_it()
    {
        var bus = new EventBus(TimeProvider.System);
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
        var bus = new EventBus(TimeProvider.System);
        using var cancel = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await foreach (var message in bus.Listen(null, null, cancel.Token))
            Assert.Fail($"unexpected {message}");
    }
}
