using Gantry.Build.Contexts;
using Gantry.Build.Solver;

namespace Gantry.Build.Tests.Solver;

/// <summary>What a daemon leaves of builds that is killed goes when the next one begins.</summary>
public sealed class LeftoverTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("gantry-build-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Checkouts_and_contents_that_were_not_finished_are_removed()
    {
        var store = new FileStore(_folder);
        var content = store.Add("kept"u8);
        File.WriteAllText(Path.Combine(store.CreateFolder(), "checked-out"), "");
        store.Create();

        var next = new FileStore(_folder);
        Assert.True(next.Contains(content));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder, "new")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(next.CreateFolder()));
    }

    [Fact]
    public void Sockets_of_agents_are_removed()
    {
        var root = Path.Combine(_folder, "agents");
        var left = new AgentFolders(root).Create();
        File.WriteAllText(Path.Combine(left, "agent.sock"), "");

        var next = new AgentFolders(root);
        Assert.False(Directory.Exists(root));
        Assert.NotEqual(next.Create(), next.Create());
    }
}
