using System.Diagnostics;
using Gantry.Engine.Information;

namespace Gantry.Engine.Tests.Information;

public class ActionTimesTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(7, 1)]
    [InlineData(300, 6)]
    [InlineData(60_000, 11)]
    public void An_action_falls_into_the_first_bucket_that_holds_it(int milliseconds, int bucket)
    {
        var times = new ActionTimes("one", "other");
        times.Took("other", Stopwatch.GetTimestamp() - milliseconds * Stopwatch.Frequency / 1000);
        var read = times.Read();
        Assert.Equal(["one", "other"], read.Select(action => action.Action));
        Assert.All(read[0].Counts, count => Assert.Equal(0, count));
        Assert.Equal(bucket, read[1].Counts.ToList().FindIndex(count => count == 1));
        Assert.Equal(1, read[1].Counts.Sum());
        Assert.True(read[1].Seconds >= milliseconds / 1000.0);
    }
}
