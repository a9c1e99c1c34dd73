using Gantry.Build.History;
using Gantry.Build.Progress;

namespace Gantry.Build.Tests.History;

public sealed class BuildHistoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("build-history-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_last_fifty_are_kept_with_their_logs()
    {
        var history = new BuildHistory(_folder, TimeProvider.System);
        for (var i = 0; i < 53; i++)
        {
            var record = history.Begin($"build{i}", "dockerfile.v0", new Dictionary<string, string>());
            record.Tell(new BuildStatus());
            record.Finish(null, new Dictionary<string, string>());
            File.SetLastWriteTimeUtc(Path.Combine(_folder, $"build{i}.json"), DateTime.UtcNow.AddSeconds(i - 100));
        }
        Assert.Equal(50, history.List().Count);
        Assert.Null(history.Find("build2"));
        Assert.Empty(history.ReadLog("build2"));
        Assert.NotNull(history.Find("build52"));
        Assert.Single(history.ReadLog("build52"));
    }

    [Fact]
    public void The_log_of_a_build_that_ended_with_its_daemon_is_removed()
    {
        var earlier = new BuildHistory(_folder, TimeProvider.System);
        earlier.Begin("done", "dockerfile.v0", new Dictionary<string, string>()).Finish(null, new Dictionary<string, string>());
        earlier.Begin("cut", "dockerfile.v0", new Dictionary<string, string>());
        new BuildHistory(_folder, TimeProvider.System).RemoveLeftovers();
        Assert.Equal(["done.json", "done.log"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
