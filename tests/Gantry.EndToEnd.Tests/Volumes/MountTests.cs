using System.Text.Json;
using Gantry.EndToEnd.Tests.Api;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Volumes;

/// <summary>All forms of <c>-v</c> and <c>--mount</c>: what a container sees through them.</summary>
public sealed class MountTests(Engine engine) : IClassFixture<Engine>
{
    [Fact]
    public void A_part_of_a_volume_is_never_outside_of_it()
    {
        const string Volume = "e2e-part";
        engine.Docker.Run("run", "--rm", "-v", Volume + ":/v", Engine.Image, "sh", "-c",
            "cd /v; mkdir -p sub/deep; echo s >sub/deep/f; ln -s sub/deep in; ln -s /etc abs; ln -s ../../../../../etc up").Succeeded();
        CommandResult Part(string subpath) =>
            engine.Docker.Run("run", "--rm", "--mount", $"type=volume,src={Volume},dst=/p,volume-subpath={subpath}", Engine.Image, "cat", "/p/f");
        Assert.Equal("s", Part("sub/deep").Text);
        Assert.Equal("s", Part("in").Text);
        Assert.Contains("no such file or directory", Part("missing").ExitsWith(127).Error, StringComparison.Ordinal);
        Assert.Contains("path concatenation escapes the base directory", Part("abs").ExitsWith(125).Error, StringComparison.Ordinal);
        Part("up").ExitsWithFailure();
        Assert.Contains("subpath must be a relative path within the volume", Part("../x").ExitsWith(125).Error, StringComparison.Ordinal);
        Assert.Equal(
            "s", engine.Docker.Text("run", "--rm", "--mount", $"type=volume,src={Volume},dst=/p,volume-subpath=sub/deep/f", Engine.Image, "cat", "/p"));
        engine.Docker.Run("volume", "rm", Volume).Succeeded();
    }

    [Fact]
    public void An_image_is_mounted_read_only_and_not_removed_meanwhile()
    {
        TestImage.Load(engine, "e2e-mounted:1", [TestImage.Folder("tree"), TestImage.File("tree/f", "of the image\n")]).Succeeded();
        var name = engine.NewName();
        engine.Docker.Run("create", "--name", name, "--mount", "type=image,src=e2e-mounted:1,dst=/i", "--mount",
            "type=image,src=e2e-mounted:1,dst=/part,image-subpath=tree", Engine.Image, "sh", "-c", "cat /i/tree/f /part/f; touch /i/x").Succeeded();
        Assert.Equal("image e2e-mounted:1 false rprivate",
            engine.Docker.Inspect(name, "{{range .Mounts}}{{if eq .Destination \"/i\"}}{{.Type}} {{.Name}} {{.RW}} {{.Propagation}}{{end}}{{end}}"));
        engine.Docker.Run("rmi", "e2e-mounted:1").ExitsWith(1);
        var result = engine.Docker.Run("start", "-a", name).ExitsWith(1);
        Assert.Equal("of the image\nof the image\n", result.Output);
        Assert.Contains("Read-only file system", result.Error, StringComparison.Ordinal);
        engine.Docker.Run("rm", name).Succeeded();
        engine.Docker.Run("rmi", "e2e-mounted:1").Succeeded();
        Assert.Contains("cannot mix 'image-*' options with mount type 'bind'",
            engine.Docker.Run("create", "--mount", "type=bind,src=/,dst=/i,image-subpath=x", Engine.Image).ExitsWith(125).Error, StringComparison.Ordinal);
        engine.Docker.Run("run", "--rm", "--mount", "type=image,src=e2e-none:1,dst=/i", Engine.Image, "true").ExitsWithFailure();
    }

    [Fact]
    public void Binds_are_recursive_read_only_and_made_as_asked()
    {
        var folder = engine.HostFolder + "/tree";
        var here = engine.HostFolderAsSeenHere + "/tree";
        Command.Shell($"mkdir -p {here}/below && mount -t tmpfs tmpfs {here}/below && touch {here}/below/f");
        try
        {
            string Try(string options) =>
                engine.Docker.Run("run", "--rm", "--mount", $"type=bind,src={folder},dst=/b{options}", Engine.Image, "sh", "-c",
                    "ls /b/below; touch /b/x 2>/dev/null && echo top; touch /b/below/y 2>/dev/null && echo below; rm -f /b/x /b/below/y; true").Text;
            Assert.Equal("f\ntop\nbelow", Try(""));
            Assert.Equal("f", Try(",readonly"));
            Assert.Equal("f\nbelow", Try(",readonly,bind-recursive=writable"));
            Assert.Equal("f", Try(",readonly,bind-recursive=readonly,bind-propagation=rprivate"));
            Assert.Equal("top\nbelow", Try(",bind-recursive=disabled"));
            Assert.Equal("f\ntop\nbelow", Try(",bind-recursive=enabled,consistency=cached"));
        }
        finally
        {
            Command.Shell($"umount {here}/below");
        }

        Assert.Contains("bind source path does not exist: /nonexistent/x",
            engine.Docker.Run("create", "--mount", "type=bind,src=/nonexistent/x,dst=/b", Engine.Image).ExitsWith(1).Error, StringComparison.Ordinal);
        engine.Docker.Run("run", "--rm", "-v", engine.HostFolder + "/made:/b:z", Engine.Image, "touch", "/b/f").Succeeded();
        Assert.True(File.Exists(engine.HostFolderAsSeenHere + "/made/f"));
    }

    [Fact]
    public void Mounts_spread_as_the_propagation_says()
    {
        var folder = engine.HostFolder + "/spread";
        var here = engine.HostFolderAsSeenHere + "/spread";
        Directory.CreateDirectory(here);
        Command.Shell($"mount -t tmpfs tmpfs {here} && mount --make-private {here} && mkdir -p {here}/in {here}/out");
        try
        {
            Assert.Contains($"path {folder} is mounted on {folder} but it is not a shared mount",
                engine.Docker.Run("run", "--rm", "-v", folder + ":/b:shared", Engine.Image, "true").ExitsWithFailure().Error, StringComparison.Ordinal);
            Assert.Contains("but it is not a shared or slave mount",
                engine.Docker.Run("run", "--rm", "-v", folder + ":/b:rslave", Engine.Image, "true").ExitsWithFailure().Error, StringComparison.Ordinal);
            Command.Shell($"mount --make-shared {here}");
            var slave = engine.RunShell("exec sleep 600", "-v", folder + ":/b:rslave");
            var isolated = engine.RunShell("exec sleep 600", "-v", folder + ":/b");
            var shared = engine.RunShell("mount -t tmpfs tmpfs /b/out; touch /b/out/f /done; exec sleep 600", "-v", folder + ":/b:shared", "--privileged");
            Eventually.Equal(0, () => engine.Docker.Run("exec", shared, "test", "-e", "/done").ExitCode);
            Command.Shell($"mount -t tmpfs tmpfs {here}/in && touch {here}/in/f");
            Assert.Equal("f", engine.Docker.Text("exec", slave, "ls", "/b/in"));
            Assert.Equal("", engine.Docker.Text("exec", isolated, "ls", "/b/in"));
            Assert.Equal("f", Command.Shell($"ls {here}/out"));
            engine.Docker.Run("rm", "-f", slave, isolated, shared).Succeeded();
        }
        finally
        {
            Command.Shell($"umount -R -l {here}");
        }
    }

    [Fact]
    [Trait("Only", "Gantry")]
    public void What_is_made_in_an_idmapped_bind_belongs_to_the_owner_of_the_source()
    {
        var here = engine.HostFolderAsSeenHere + "/owned";
        Command.Shell($"mkdir -p {here} && touch {here}/theirs {here}/roots && chown 1234:5678 {here} {here}/theirs && chmod 755 {here}");
        var gantry = engine.Client("gantry");
        string Bind(string map) => $"type=bind,src={engine.HostFolder}/owned,dst=/b,{map}";
        string Owner(string file) => Command.Shell($"stat -c %u:%g {here}/{file}");

        Assert.Equal("0:0 65534:65534", gantry.Text(
            "run", "--rm", "--mount", Bind("bind-idmap"), Engine.Image, "sh", "-c", "touch /b/made; echo $(stat -c %u:%g /b/theirs /b/roots)"));
        Assert.Equal("1234:5678", Owner("made"));
        gantry.Run("run", "--rm", "-u", "33:44", "--mount", Bind("bind-idmap=match-user"), Engine.Image, "touch", "/b/as33").Succeeded();
        Assert.Equal("1234:5678", Owner("as33"));
        gantry.Run("run", "--rm", "-u", "33:44", "--mount", Bind("bind-idmap=match-user:33:0"), Engine.Image, "sh", "-c",
            "test $(stat -c %u:%g /b/theirs) = 33:0").Succeeded();
        gantry.Run("run", "--rm", "--mount", Bind("bind-idmap=b:0:100000:1000"), Engine.Image, "sh", "-c",
            "touch /b/made2 2>/dev/null && exit 1; stat -c %u:%g /b/theirs | grep -q 65534").Succeeded();
        gantry.Run("run", "--rm", "--mount", Bind("bind-idmap=u:7:1234:1 g:8:5678:1"), "-u", "7:8", Engine.Image, "touch", "/b/ranged").Succeeded();
        Assert.Equal("1234:5678", Owner("ranged"));

        Assert.Contains("needs a container with a user namespace of its own",
            gantry.Run("create", "--mount", Bind("bind-idmap=userns"), Engine.Image).ExitsWithFailure().Error, StringComparison.Ordinal);
        Assert.Contains("invalid value for bind-idmap", gantry.Run("create", "--mount", Bind("bind-idmap=1000"), Engine.Image).ExitsWith(125).Error,
            StringComparison.Ordinal);
        var created = RawHttp.Post(engine, "/containers/create?name=" + engine.NewName(),
            JsonSerializer.Serialize(
                new { Engine.Image, HostConfig =
                    new { Mounts =
                        new[] { new { Type = "bind", Source = "/tmp", Target = "/b", BindOptions = new { IDMapping = new { Source = "else" } } } } } }));
        Assert.Equal(400, created.Status);
        Assert.Contains("field IDMapping: unknown source", created.Body, StringComparison.Ordinal);
    }

    [Fact]
    public void Tmpfs_has_the_size_and_mode_asked_for()
    {
        Assert.Equal("700 tmpfs rw,nosuid,nodev,noexec,relatime,size=1024k,mode=700",
            engine.Docker.Text("run", "--rm", "--mount", "type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=0700", Engine.Image, "sh", "-c",
                "echo $(stat -c %a /t) $(awk '$2==\"/t\" {print $3, $4}' /proc/mounts)"));
        Assert.Equal("1777 ro,nosuid,nodev,noexec,relatime",
            engine.Docker.Text("run", "--rm", "--mount", "type=tmpfs,dst=/t,ro", Engine.Image, "sh", "-c",
                "echo $(stat -c %a /t) $(awk '$2==\"/t\" {print $4}' /proc/mounts)"));
    }
}
