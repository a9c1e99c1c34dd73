using System.Text;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>Files from and to containers: cp in all its forms, with both clients.</summary>
public sealed class CopyTests(Engine engine) : IClassFixture<Engine>
{
    [Theory, BothClients]
    public void Files_and_directories_go_both_ways_and_keep_what_they_are(string client)
    {
        using var work = new WorkFolder();
        var docker = engine.Client(client);
        foreach (var running in (bool[])[true, false])
        {
            var name = engine.RunShell("exec sleep 600", "-v", "/volume");
            if (!running) engine.Docker.Run("kill", name).Succeeded();
            var folder = work.File($"tree-{running}");
            Command.Shell(
                $"mkdir -p '{folder}/d/e'; echo one >'{folder}/one'; echo two >'{folder}/d/two'; ln -s ../one '{folder}/d/link'; ln '{folder}/one' '{folder}/same'; chmod 4755 '{folder}/one'");

            docker.Run("cp", folder, name + ":/new").Succeeded();
            docker.Run("cp", folder + "/.", name + ":/volume").Succeeded();
            docker.Run("cp", folder + "/one", name + ":/etc/renamed").Succeeded();
            docker.Run("cp", name + ":/new", work.File($"back-{running}")).Succeeded();
            docker.Run("cp", name + ":/volume/.", work.File($"back-{running}")).Succeeded();
            docker.Run("cp", name + ":/etc/renamed", work.File($"renamed-{running}")).Succeeded();

            var back = work.File($"back-{running}");
            Assert.Equal("", Command.Shell($"diff -r --no-dereference '{folder}' '{back}'"));
            Assert.Equal("4755 ../one", Command.Shell($"stat -c %a '{back}/one' | tr '\\n' ' '; readlink '{back}/d/link'"));
            Assert.Equal("one", File.ReadAllText(work.File($"renamed-{running}")).Trim());
        }
    }

    [Theory, BothClients]
    public void Archives_go_through_standard_streams(string client)
    {
        var name = engine.RunShell("mkdir /d; exec sleep 600");
        var docker = engine.Client(client);
        Eventually.True(() => engine.Docker.Run("exec", name, "test", "-d", "/d").ExitCode == 0, () => "the container's shell does not get on");
        docker.RunWithInput(TestImage.Layer(TestImage.File("x/y", "through"), TestImage.Link("l", "x/y")), "cp", "-", name + ":/d").Succeeded();
        Assert.Equal("through", engine.Docker.Text("exec", name, "cat", "/d/l"));
        Assert.Equal("d/\nd/l\nd/x/\nd/x/y", Command.Shell(string.Join(' ', docker.Prefix.Select(word => $"'{word}'")) + $" cp {name}:/d - | tar -tf -"));
        Assert.Contains("must be a directory", docker.RunWithInput([], "cp", "-", name + ":/d/x/y").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Theory, BothClients]
    public void Links_are_copied_as_links_or_followed(string client)
    {
        using var work = new WorkFolder();
        var name = engine.RunShell("mkdir /a; echo deep >/a/f; ln -s f /a/l; ln -s /a /ld; exec sleep 600");
        var docker = engine.Client(client);
        docker.Run("cp", name + ":/a/l", work.File("link")).Succeeded();
        Assert.Equal("f", new FileInfo(work.File("link")).LinkTarget);
        docker.Run("cp", "-L", name + ":/a/l", work.File("file")).Succeeded();
        Assert.Equal("deep\n", File.ReadAllText(work.File("file")));
        File.WriteAllText(work.File("in"), "in");
        docker.Run("cp", work.File("in"), name + ":/ld").Succeeded();
        docker.Run("cp", work.File("in"), name + ":/a/l").Succeeded();
        Assert.Equal("in in f", engine.Docker.Text("exec", name, "sh", "-c", "echo $(cat /a/in) $(cat /a/f) $(readlink /a/l)"));
        File.CreateSymbolicLink(work.File("local"), work.File("in"));
        docker.Run("cp", "-L", work.File("local"), name + ":/a").Succeeded();
        Assert.Equal("in", engine.Docker.Text("exec", name, "sh", "-c", "test ! -L /a/local && cat /a/local"));
    }

    [Theory, BothClients]
    public void Owners_are_those_of_the_archive_or_the_containers_user(string client)
    {
        using var work = new WorkFolder();
        var name = engine.NewName();
        engine.Docker.Run("run", "-d", "--user", "77:78", "--name", name, Engine.Image, "sleep", "600").Succeeded();
        Command.Shell($"echo x >'{work.File("f")}'; chown 1234:1235 '{work.File("f")}'");
        engine.Client(client).Run("cp", work.File("f"), name + ":/etc/plain").Succeeded();
        engine.Client(client).Run("cp", "-a", work.File("f"), name + ":/etc/archive").Succeeded();
        Assert.Equal("1234:1235 77:78", engine.Docker.Text("exec", name, "sh", "-c", "echo $(stat -c %u:%g /etc/plain /etc/archive)"));
        engine.Client(client).Run("cp", name + ":/etc/plain", work.File("back")).Succeeded();
        Assert.Equal("0:0", Command.Shell($"stat -c %u:%g '{work.File("back")}'"));
    }

    [Theory, BothClients]
    public void Volumes_are_seen_before_the_first_start(string client)
    {
        using var work = new WorkFolder();
        var name = engine.NewName();
        File.WriteAllText(engine.HostFolderAsSeenHere + "/bound", "bound");
        engine.Docker.Run("create", "--name", name, "-v", engine.HostFolder + ":/bind/deep:ro", "-v", "/fresh", Engine.Image, "cat", "/fresh/in").Succeeded();
        var docker = engine.Client(client);
        docker.Run("cp", name + ":/bind/deep/bound", work.File("out")).Succeeded();
        Assert.Equal("bound", File.ReadAllText(work.File("out")));
        docker.Run("cp", work.File("out"), name + ":/fresh/in").Succeeded();
        Assert.Contains("mounted volume is marked read-only", docker.Run("cp", work.File("out"), name + ":/bind/deep").ExitsWith(1).Error,
            StringComparison.Ordinal);
        Assert.Equal("bound", engine.Docker.Text("start", "-a", name));
    }

    [Theory, BothClients]
    public void What_cannot_be_copied_is_refused_in_dockers_words(string client)
    {
        using var work = new WorkFolder();
        var docker = engine.Client(client);
        var name = engine.RunShell("mkdir /d; exec sleep 600");
        var rigid = engine.NewName();
        engine.Docker.Run("run", "-d", "--name", rigid, "--read-only", Engine.Image, "sleep", "600").Succeeded();
        var (file, folder) = (work.File("f"), work.File("folder"));
        File.WriteAllText(file, "x");
        Directory.CreateDirectory(folder);
        (string Text, string[] Words)[] cases =
        [
            ($"Could not find the file /etc/none in container {name}", [name + ":/etc/none", folder]),
            ($"Could not find the file /none in container {name}", [file, name + ":/none/x"]),
            ("container rootfs is marked read-only", [file, rigid + ":/etc"]),
            ("No such container: e2e-none", ["e2e-none:/x", folder]),
            ("copying between containers is not supported", [name + ":/d", rigid + ":/d"]),
            ("must specify at least one container source", [file, folder]),
            ("no such directory", [file, name + ":/none/"]),
            ("cannot copy directory", [folder, name + ":/etc/passwd"]),
            ("no such file or directory", [file + "-none", name + ":/d"]),
            ("not a directory", [file + "/", name + ":/d"]),
        ];
        foreach (var (text, words) in cases)
            Assert.Contains(text, docker.Run(["cp", .. words]).ExitsWith(1).Error, StringComparison.Ordinal);
        Directory.CreateDirectory(work.File("d"));
        File.WriteAllText(work.File("d/passwd"), "x");
        Directory.CreateDirectory(work.File("e/passwd"));
        Assert.Contains("cannot overwrite non-directory", docker.Run("cp", work.File("e") + "/.", name + ":/etc").ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../../evil", "invalid entry name \"../../evil\"")]
    [InlineData(null, "tar")]
    public void A_bad_archive_is_refused(string? entry, string text)
    {
        var name = engine.RunShell("exec sleep 600");
        var archive = entry is null ? Encoding.UTF8.GetBytes("this is no tar archive at all") : TestImage.Layer(TestImage.File(entry, "x"));
        Assert.Contains(text, engine.Docker.RunWithInput(archive, "cp", "-", name + ":/etc").ExitsWith(1).Error, StringComparison.Ordinal);
    }
}
