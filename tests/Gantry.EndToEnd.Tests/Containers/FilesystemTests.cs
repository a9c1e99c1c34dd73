using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>The files of a container as a whole: diff, export, commit.</summary>
public sealed class FilesystemTests(Engine engine) : IClassFixture<Engine>
{
    private const string Script = "echo new > /etc/new; rm /bin/vi; mkdir /d; echo x > /d/f; echo ready; exec sleep 600";

    [Theory, BothClients]
    public void Diff_lists_what_changed_and_nothing_of_the_engines_own(string client)
    {
        var name = Changed();
        Assert.Equal(["A /d", "A /d/f", "A /etc/new", "C /bin", "C /etc", "D /bin/vi"],
            engine.Client(client).Run("diff", name).Lines.Order(StringComparer.Ordinal));
        var unchanged = engine.NewName();
        engine.Docker.Run("run", "--name", unchanged, Engine.Image, "true").Succeeded();
        Assert.Equal("", engine.Client(client).Text("diff", unchanged));
        Assert.Contains("No such container: e2e-none", engine.Client(client).Run("diff", "e2e-none").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void Export_writes_the_files_of_a_running_container_and_of_a_stopped_one(string client)
    {
        using var work = new WorkFolder();
        var name = Changed("-v", "/volume");
        engine.Docker.Run("exec", name, "sh", "-c", "echo secret > /volume/f").Succeeded();
        foreach (var stopped in (bool[])[false, true])
        {
            if (stopped) engine.Docker.Run("kill", name).Succeeded();
            var file = work.File($"{stopped}.tar");
            engine.Client(client).Run("export", "-o", file, name).Succeeded();
            var listing = Command.Shell($"tar -tf '{file}'").Split('\n');
            Assert.Contains("etc/new", listing);
            Assert.DoesNotContain("bin/vi", listing);
            Assert.DoesNotContain("volume/f", listing);
            Assert.Equal("x", Command.Shell($"tar -xOf '{file}' d/f"));
        }
        Assert.Contains("No such container: e2e-none", engine.Client(client).Run("export", "-o", work.File("none"), "e2e-none").ExitsWith(1).Error,
            StringComparison.Ordinal);
        Assert.False(File.Exists(work.File("none")));
    }

    [Theory, BothClients]
    public void Commit_makes_an_image_of_the_changes(string client)
    {
        var docker = engine.Client(client);
        var name = Changed("-e", "A=1", "--label", "l=v");
        var tag = $"e2e-commit-{client}:1";
        var id = docker.Text("commit", "-a", "me", "-m", "why", "-c", "CMD [\"cat\", \"/etc/new\"]", "-c", "ENV B=2", name, tag);
        Assert.Equal(id, docker.Inspect(tag, "{{.Id}}"));
        Assert.Equal("new", docker.Text("run", "--rm", tag));
        Assert.Equal("1 2 x", docker.Text("run", "--rm", tag, "sh", "-c", "echo $A $B $(cat /d/f); test ! -e /bin/vi"));
        Assert.Equal("me why v", docker.Inspect(tag, "{{.Author}} {{.Comment}} {{.Config.Labels.l}}"));
        Assert.Equal("why", docker.Run("history", "--format", "{{.Comment}}", tag).Lines[0]);
        Assert.Equal("running false", docker.Inspect(name, "{{.State.Status}} {{.State.Paused}}"));
        docker.Run("rmi", tag).Succeeded();
    }

    [Theory, BothClients]
    public void Commit_without_a_name_gives_an_ID_alone(string client)
    {
        var docker = engine.Client(client);
        var name = engine.NewName();
        docker.Run("run", "--name", name, Engine.Image, "true").Succeeded();
        var id = docker.Text("commit", name);
        Assert.Equal("[] 1", docker.Inspect(id, "{{.RepoTags}} {{len .RootFS.Layers}}"));
        docker.Run("rmi", id).Succeeded();
        Assert.Contains("invalid reference format", docker.Run("commit", name, "Bad/Name").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("is not a valid change command", docker.Run("commit", "-c", "RUN x", name).ExitsWith(1).Error, StringComparison.Ordinal);
    }

    private string Changed(params string[] options)
    {
        var name = engine.RunShell(Script, options);
        Eventually.Equal("ready", () => engine.Docker.Text("logs", name));
        return name;
    }
}
