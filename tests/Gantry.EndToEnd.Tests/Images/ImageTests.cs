using System.Text.RegularExpressions;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Images;

public sealed class ImageTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void Images_lists_repository_tag_and_short_ID(string client)
    {
        var id = engine.Docker.Inspect(Engine.Image, "{{.Id}}")["sha256:".Length..];
        Assert.Contains($"gantry-e2e latest {id[..12]}", engine.Client(client).Text("images", "--format", "{{.Repository}} {{.Tag}} {{.ID}}"),
            StringComparison.Ordinal);
        Assert.Equal("sha256:" + id, engine.Client(client).Text("images", "-q", "--no-trunc", Engine.Image));
    }

    [Theory, BothClients]
    public void Images_has_dockers_columns(string client) =>
        Assert.Matches("(?i)^(REPOSITORY +TAG +IMAGE ID +CREATED +SIZE|IMAGE +ID +)", engine.Client(client).Run("images").Succeeded().Output);

    [Theory, BothClients]
    public void A_second_tag_is_taken_off_without_deleting_the_image(string client)
    {
        var docker = engine.Client(client);
        docker.Run("tag", Engine.Image, $"e2e-tagged-{client}:2").Succeeded();
        Assert.Equal(docker.Inspect(Engine.Image, "{{.Id}}"), docker.Inspect($"e2e-tagged-{client}:2", "{{.Id}}"));
        Assert.Equal($"Untagged: e2e-tagged-{client}:2", docker.Text("rmi", $"e2e-tagged-{client}:2"));
        docker.Run("image", "inspect", Engine.Image).Succeeded();
    }

    [Theory, BothClients]
    public void Removing_the_last_tag_deletes_the_image(string client)
    {
        var docker = engine.Client(client);
        Import(docker, $"e2e-last-{client}:1", $"for {client}");
        var lines = docker.Run("rmi", $"e2e-last-{client}:1").Lines;
        Assert.Equal($"Untagged: e2e-last-{client}:1", lines[0]);
        Assert.Matches("^Deleted: sha256:[0-9a-f]{64}$", lines[1]);
        docker.Run("image", "inspect", $"e2e-last-{client}:1").ExitsWith(1);
    }

    [Theory, BothClients]
    public void An_image_that_a_container_uses_is_not_removed(string client)
    {
        var docker = engine.Client(client);
        Import(docker, $"e2e-used-{client}:1", $"used by {client}");
        var name = engine.NewName();
        docker.Run("create", "--name", name, $"e2e-used-{client}:1", "sh").Succeeded();
        var refused = docker.Run("rmi", $"e2e-used-{client}:1").ExitsWith(1);
        Assert.Matches(
            "conflict: unable to remove repository reference \"e2e-used-.*:1\" \\(must force\\) - container [0-9a-f]{12} is using its referenced image [0-9a-f]{12}", refused.Error);
        docker.Run("rm", name).Succeeded();
        docker.Run("rmi", $"e2e-used-{client}:1").Succeeded();
    }

    [Theory, BothClients]
    public void A_missing_image_is_named(string client)
    {
        var docker = engine.Client(client);
        Assert.Contains("No such image: e2e-missing", docker.Run("rmi", "e2e-missing").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("No such image: e2e-missing:latest", docker.Run("tag", "e2e-missing", "e2e-other").ExitsWith(1).Error, StringComparison.Ordinal);
        var inspect = docker.Run("image", "inspect", "e2e-missing").ExitsWith(1);
        Assert.Equal("[]", inspect.Output.Trim());
        Assert.Contains("No such image: e2e-missing", inspect.Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void A_bad_reference_is_refused(string client) =>
        Assert.Contains("invalid reference format", engine.Client(client).Run("tag", Engine.Image, "Bad/NAME").ExitsWith(1).Error, StringComparison.Ordinal);

    [Theory, BothClients]
    public void Inspect_shows_what_the_archive_says(string client)
    {
        var docker = engine.Client(client);
        Assert.Equal("[\"sh\"]", docker.Text("image", "inspect", "--format", "{{json .Config.Cmd}}", Engine.Image));
        Assert.Equal("linux amd64 1", docker.Text("image", "inspect", "--format", "{{.Os}} {{.Architecture}} {{len .RootFS.Layers}}", Engine.Image));
        Assert.Contains("gantry-e2e:latest", docker.Text("image", "inspect", "--format", "{{.RepoTags}}", Engine.Image), StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void An_image_answers_to_a_piece_of_its_ID(string client)
    {
        var docker = engine.Client(client);
        var id = docker.Inspect(Engine.Image, "{{.Id}}");
        Assert.Equal(id, docker.Inspect(id["sha256:".Length..][..12], "{{.Id}}"));
        Assert.Equal("hi", docker.Text("run", "--rm", id, "echo", "hi"));
    }

    [Theory, BothClients]
    public void A_root_filesystem_is_imported_with_changes_to_its_configuration(string client)
    {
        var docker = engine.Client(client);
        var tag = $"e2e-import-{client}:1";
        var id = Import(docker, tag, $"imported by {client}", "-c", "CMD [\"cat\", \"/marker\"]", "-c", "ENV K=V", "-c", "WORKDIR /tmp");
        Assert.Matches(new Regex("^sha256:[0-9a-f]{64}$"), id);
        Assert.Equal($"imported by {client}", docker.Text("run", "--rm", tag));
        Assert.Equal("V /tmp", docker.Text("run", "--rm", tag, "sh", "-c", "echo $K $(pwd)"));
        docker.Run("rmi", tag).Succeeded();
    }

    /// <summary>Imports the test image's files with a file more, from standard input.</summary>
    private static string Import(Client docker, string tag, string marker, params string[] options)
    {
        using var work = new WorkFolder();
        Directory.CreateDirectory(work.File("rootfs"));
        Command.Shell($"tar -xOf '{TestEnvironment.ImageArchive}' --wildcards '*/layer.tar' | tar -xC '{work.File("rootfs")}'");
        File.WriteAllText(work.File("rootfs/marker"), marker + "\n");
        Command.Run(["tar", "-C", work.File("rootfs"), "-cf", work.File("rootfs.tar"), "."]).Succeeded();
        return docker.RunWithInput(File.ReadAllBytes(work.File("rootfs.tar")), ["import", .. options, "-", tag]).Text;
    }
}
