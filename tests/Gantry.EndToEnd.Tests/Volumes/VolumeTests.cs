using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Volumes;

/// <summary>Volumes as a user has them: the commands, the options of the local driver, what is copied into them, who uses them.</summary>
public sealed class VolumeTests(Engine engine) : IClassFixture<Engine>
{
    private readonly List<string> _made = [];

    private string NewVolume(params string[] options)
    {
        var name = "e2e-v-" + Guid.NewGuid().ToString("N")[..8];
        engine.Docker.Run(["volume", "create", .. options, name]).Succeeded();
        _made.Add(name);
        return name;
    }

    [Theory, BothClients]
    public void Commands_and_their_errors(string client)
    {
        var docker = engine.Client(client);
        var name = NewVolume("--label", "kind=e2e", "--label", client);
        Assert.Equal(name, docker.Text("volume", "create", name));
        Assert.Equal(name, docker.Text("volume", "ls", "-q", "-f", "label=" + client, "-f", "driver=local", "-f", "dangling=true"));
        Assert.Equal("kind=e2e local local", docker.Text("volume", "inspect", "-f", "kind={{.Labels.kind}} {{.Driver}} {{.Scope}}", name));
        Assert.Contains("get e2e-none: no such volume", docker.Run("volume", "inspect", "e2e-none").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("get e2e-none: no such volume", docker.Run("volume", "rm", "e2e-none").ExitsWith(1).Error, StringComparison.Ordinal);
        docker.Run("volume", "rm", "-f", "e2e-none").Succeeded();
        Assert.Contains("invalid filter 'foo'", docker.Run("volume", "ls", "-f", "foo=bar").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("error looking up volume plugin foo: plugin \"foo\" not found", docker.Run("volume", "create", "-d", "foo", name).ExitsWith(1).Error,
            StringComparison.Ordinal);
        Assert.Contains("This node is not a swarm manager", docker.Run("volume", "create", "--availability", "pause", "e2e-cluster").ExitsWith(1).Error,
            StringComparison.Ordinal);
        Assert.Contains("can only update cluster volumes", docker.Run("volume", "update", "--availability", "pause", name).ExitsWith(1).Error,
            StringComparison.Ordinal);
        Assert.Equal("VOLUME NAME   GROUP     DRIVER    AVAILABILITY   STATUS", docker.Text("volume", "ls", "--cluster"));
        docker.Run("volume", "rm", name).Succeeded();
    }

    [Fact]
    public void One_in_use_stays_and_events_tell_of_it()
    {
        var since = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
        var name = NewVolume();
        var container = engine.RunShell("exec sleep 600", "-v", name + ":/data:ro", "-v", "/anonymous");
        var id = engine.Docker.Inspect(container, "{{.Id}}");
        Assert.Contains($"remove {name}: volume is in use - [{id}]", engine.Docker.Run("volume", "rm", "-f", name).ExitsWith(1).Error,
            StringComparison.Ordinal);
        var anonymous = engine.Docker.Inspect(container, "{{range .Mounts}}{{if eq .Destination \"/anonymous\"}}{{.Name}}{{end}}{{end}}");
        Assert.Equal("true", engine.Docker.Text("volume", "inspect", "-f", "{{index .Labels \"com.docker.volume.anonymous\" | eq \"\"}}", anonymous));
        engine.Docker.Run("rm", "-f", "-v", container).Succeeded();
        Assert.Contains("no such volume", engine.Docker.Run("volume", "inspect", anonymous).ExitsWith(1).Error, StringComparison.Ordinal);
        engine.Docker.Run("volume", "rm", name).Succeeded();
        var events = engine.Docker.Run("events", "--since", $"{since}", "--until", $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds() + 1}", "--filter",
            "volume=" + name, "--format", "{{.Action}} {{json .Actor.Attributes}}").Lines;
        Assert.Equal(
            [
                """create {"driver":"local"}""",
                $$"""mount {"container":"{{id}}","destination":"/data","driver":"local","propagation":"","read/write":"false"}""",
                $$"""unmount {"container":"{{id}}","driver":"local"}""",
                """destroy {"driver":"local"}""",
            ], events);
    }

    [Fact]
    public void A_tmpfs_is_there_for_all_who_use_it_at_once_and_gone_after_the_last()
    {
        var name = NewVolume("-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=1m,mode=0711,noexec");
        var first = engine.RunShell("echo shared >/x/f; touch /done; exec sleep 600", "-v", name + ":/x");
        Eventually.Equal(0, () => engine.Docker.Run("exec", first, "test", "-e", "/done").ExitCode);
        Assert.Equal("shared\n711", engine.Docker.Text("run", "--rm", "-v", name + ":/x", Engine.Image, "sh", "-c", "cat /x/f; stat -c %a /x"));
        Assert.Contains("noexec", engine.Docker.Text("exec", first, "grep", " /x ", "/proc/mounts"), StringComparison.Ordinal);
        engine.Docker.Run("rm", "-f", first).Succeeded();
        Assert.DoesNotContain(name, File.ReadAllText("/proc/self/mountinfo"), StringComparison.Ordinal);
        Assert.Equal("", engine.Docker.Text("run", "--rm", "-v", name + ":/x", Engine.Image, "ls", "/x"));
        engine.Docker.Run("volume", "rm", name).Succeeded();
    }

    [Fact]
    public void A_bind_shows_the_folder_and_can_be_read_only()
    {
        var folder = Directory.CreateDirectory(engine.HostFolderAsSeenHere + "/bound").FullName;
        File.WriteAllText(folder + "/f", "of the host\n");
        var name = NewVolume("-o", "type=none", "-o", "o=bind,ro", "-o", "device=" + engine.HostFolder + "/bound");
        var result = engine.Docker.Run("run", "--rm", "-v", name + ":/x", Engine.Image, "sh", "-c", "cat /x/f; touch /x/new").ExitsWith(1);
        Assert.Equal("of the host\n", result.Output);
        Assert.Contains("Read-only file system", result.Error, StringComparison.Ordinal);
        engine.Docker.Run("volume", "rm", name).Succeeded();
        Assert.True(File.Exists(folder + "/f"));

        var missing = NewVolume("-o", "type=none", "-o", "o=bind", "-o", "device=/nonexistent/x");
        Assert.Contains("failed to mount local volume: mount /nonexistent/x:",
            engine.Docker.Run("run", "--rm", "-v", missing + ":/x", Engine.Image, "true").ExitsWith(127).Error, StringComparison.Ordinal);
        engine.Docker.Run("volume", "rm", missing).Succeeded();
    }

    [Fact]
    public void What_the_image_has_there_is_copied_once_with_owners_modes_and_links()
    {
        TestImage.Load(engine, "e2e-content:1",
        [
            TestImage.Folder("data"),
            new System.Formats.Tar.PaxTarEntry(System.Formats.Tar.TarEntryType.RegularFile, "data/f") { Uid = 33, Gid = 44,
                Mode = (UnixFileMode)0b100_110_100_000, DataStream = new MemoryStream("content\n"u8.ToArray()) },
            TestImage.HardLink("data/same", "data/f"), TestImage.Link("data/link", "f"),
        ], new System.Text.Json.Nodes.JsonObject
            { ["Volumes"] = new System.Text.Json.Nodes.JsonObject { ["/data"] = new System.Text.Json.Nodes.JsonObject() } }).Succeeded();
        const string Look = "cat /data/f; stat -c '%u:%g %a %h' /data/f; readlink /data/link";
        Assert.Equal("content\n33:44 4640 2\nf", engine.Docker.Text("run", "--rm", "e2e-content:1", "sh", "-c", Look));
        var name = NewVolume();
        Assert.Equal("content\n33:44 4640 2\nf", engine.Docker.Text("run", "--rm", "-v", name + ":/data", "e2e-content:1", "sh", "-c", Look));
        engine.Docker.Run("run", "--rm", "-v", name + ":/data", Engine.Image, "sh", "-c", "rm /data/*; echo own >/data/own").Succeeded();
        Assert.Equal("own", engine.Docker.Text("run", "--rm", "-v", name + ":/data", "e2e-content:1", "ls", "/data"));
        var empty = NewVolume();
        Assert.Equal("inside", engine.Docker.Text(
            "run", "--rm", "-h", "inside", "--mount", $"type=volume,src={empty},dst=/etc,volume-nocopy", Engine.Image, "cat", "/etc/hostname"));
        engine.Docker.Run("volume", "rm", empty).Succeeded();
        engine.Docker.Run("volume", "create", empty).Succeeded();
        Assert.Equal("", engine.Docker.Text("run", "--rm", "--mount", $"type=volume,src={empty},dst=/data,volume-nocopy", "e2e-content:1", "ls", "/data"));
        engine.Docker.Run("volume", "rm", name, empty).Succeeded();
    }

    [Fact]
    public void Mounts_are_inherited_and_shown_as_docker_shows_them()
    {
        var (named, labelled) = (NewVolume(), "e2e-v-labelled");
        var first = engine.NewName();
        engine.Docker.Run(
            "create", "--name", first, "-v", named + ":/n:ro", "-v", engine.HostFolder + ":/b:rprivate", "--mount",
            $"type=volume,src={labelled},dst=/l,volume-label=a=b,volume-nocopy",
            "--mount", "type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=0700", Engine.Image, "true").Succeeded();
        const string Shape = "{{range .Mounts}}{{.Destination}} {{.Type}} {{.Mode}} {{.RW}} {{.Driver}} {{.Propagation}}\n{{end}}";
        Assert.Equal(
            ["/b bind rprivate true  rprivate", "/l volume z true local", "/n volume ro false local", "/t tmpfs  true"],
            engine.Docker.Inspect(first, Shape).Split('\n').Where(line => line.Length > 0).Select(line => line.TrimEnd()).Order(StringComparer.Ordinal));
        Assert.Equal("map[a:b]", engine.Docker.Text("volume", "inspect", "-f", "{{.Labels}}", labelled));
        var second = engine.NewName();
        engine.Docker.Run("create", "--name", second, "--volumes-from", first + ":ro", Engine.Image, "true").Succeeded();
        Assert.Equal(["/b false", "/l false", "/n false"], engine.Docker.Inspect(second, "{{range .Mounts}}{{.Destination}} {{.RW}}\n{{end}}").Split('\n')
            .Where(line => line.Length > 0).Order(StringComparer.Ordinal));
        engine.Docker.Run("rm", first).Succeeded();
        Assert.Contains("volume is in use", engine.Docker.Run("volume", "rm", labelled).ExitsWith(1).Error, StringComparison.Ordinal);
        engine.Docker.Run("rm", second).Succeeded();
        engine.Docker.Run("volume", "rm", labelled, named).Succeeded();
    }

    [Fact]
    [Trait("Only", "Gantry")]
    public void Volumes_are_exported_imported_and_cloned()
    {
        using var work = new WorkFolder();
        var gantry = engine.Client("gantry");
        var name = NewVolume("--label", "a=b");
        engine.Docker.Run("run", "--rm", "-v", name + ":/v", Engine.Image, "sh", "-c",
            "cd /v; mkdir -p d; echo x >d/f; ln d/f same; ln -s d/f link; touch .wh.kept; chown 33:44 d; chmod 1770 .; dd if=/dev/zero of=big bs=1k count=200 2>/dev/null").Succeeded();
        const string Look = "cd /v; cat d/f; stat -c '%u:%g' d; stat -c %a .; stat -c '%h %s' same big; readlink link; ls -A";
        string Seen(string volume) => engine.Docker.Text("run", "--rm", "-v", volume + ":/v", Engine.Image, "sh", "-c", Look);
        var before = Seen(name);
        Assert.Contains("33:44\n1770\n2 2\n1 204800\nd/f\n", before, StringComparison.Ordinal);

        gantry.Run("volume", "export", "-o", work.File("v.tar"), name).Succeeded();
        Assert.Equal("e2e-imported", gantry.Text("volume", "import", "--label", "c=d", "e2e-imported", work.File("v.tar")));
        Assert.Equal(before, Seen("e2e-imported"));
        Assert.Equal("map[c:d]", gantry.Text("volume", "inspect", "-f", "{{.Labels}}", "e2e-imported"));
        Assert.Contains("is not empty", gantry.Run("volume", "import", "e2e-imported", work.File("v.tar")).ExitsWith(1).Error, StringComparison.Ordinal);
        var empty = NewVolume();
        Assert.Equal(empty, gantry.RunWithInput(File.ReadAllBytes(work.File("v.tar")), "volume", "import", empty).Text);
        Assert.Equal(before, Seen(empty));

        Assert.Equal("e2e-cloned", gantry.Text("volume", "clone", name, "e2e-cloned"));
        Assert.Equal(before, Seen("e2e-cloned"));
        Assert.Equal("map[a:b]", gantry.Text("volume", "inspect", "-f", "{{.Labels}}", "e2e-cloned"));
        Assert.Contains("a volume with that name exists", gantry.Run("volume", "clone", name, "e2e-cloned").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("no such volume", gantry.Run("volume", "clone", "e2e-none", "e2e-cloned2").ExitsWith(1).Error, StringComparison.Ordinal);
        Assert.Contains("no such volume", gantry.Run("volume", "export", "-o", work.File("none"), "e2e-none").ExitsWith(1).Error, StringComparison.Ordinal);

        // What is no archive makes none; links in one do not lead out.
        File.WriteAllText(work.File("bad.tar"), new string('x', 2000));
        gantry.Run("volume", "import", "e2e-bad", work.File("bad.tar")).ExitsWith(1);
        Assert.Contains("no such volume", gantry.Run("volume", "inspect", "e2e-bad").ExitsWith(1).Error, StringComparison.Ordinal);
        File.WriteAllBytes(work.File("out.tar"),
            TestImage.Layer(TestImage.Link("out", "/"), TestImage.File("out/e2e-escaped", "x"), TestImage.File("../e2e-escaped", "x")));
        gantry.Run("volume", "import", "e2e-bad", work.File("out.tar"));
        Assert.False(File.Exists("/e2e-escaped"));
        engine.Docker.Run("volume", "rm", "-f", "e2e-bad").Succeeded();
        engine.Docker.Run("volume", "rm", name, empty, "e2e-imported", "e2e-cloned").Succeeded();
    }
}
