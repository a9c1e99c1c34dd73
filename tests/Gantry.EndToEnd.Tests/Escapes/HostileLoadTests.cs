using System.Formats.Tar;
using System.Text;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Escapes;

/// <summary>Image archives that want out, loaded by the stock client: refused with a clear error, or harmless; the host stays as it was.</summary>
[Trait("Only", "Gantry")]
public sealed class HostileLoadTests(Engine engine) : IClassFixture<Engine>, IDisposable
{
    private readonly Canary _canary = new();

    public void Dispose() => _canary.Dispose();

    public static TheoryData<string, string> Refused => new()
    {
        { "climbing", "leads out of the root" },
        { "climbing later", "leads out of the root" },
        { "hard link out", "leads out of the root" },
        { "hard link to the host", "does not exist" },
        { "hard link through a link", "does not exist" },
        { "whiteout of the parent", "whiteout of no file" },
        { "too deep", "longer than 4096 bytes" },
        { "name too long", "ENAMETOOLONG" },
        { "links without end", "too many symbolic links" },
        { "root that is a link", "the root is no directory" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void A_hostile_layer_is_refused_by_name(string kind, string message)
    {
        var result = TestImage.Load(engine, "e2e-hostile:1", Entries(kind)).ExitsWithFailure();
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
        AssertNothingLeft();
    }

    [Theory]
    [InlineData("absolute names")]
    [InlineData("links in the way")]
    [InlineData("directory swapped for a link")]
    [InlineData("devices")]
    [InlineData("whiteouts through links")]
    public void What_a_layer_may_do_it_does_inside(string kind)
    {
        TestImage.Load(engine, "e2e-odd:1", Entries(kind)).Succeeded();
        _canary.AssertSafe(
            engine.Docker.Run("run", "--rm", "e2e-odd:1", "sh", "-c", $"cat {_canary.File}; find / -xdev -name secret -exec cat {{}} \\;; cat /device; true"));
        engine.Docker.Run("rmi", "-f", "e2e-odd:1").Succeeded();
    }

    [Fact]
    public void Cut_short_anywhere_it_is_refused()
    {
        var archive = TestImage.Archive("e2e-cut:1", TestImage.Layer(TestImage.File("file", "x")));
        for (var i = 1; i < 12; i++)
        {
            _canary.AssertSafe(engine.Docker.RunWithInput(archive[..(archive.Length / 12 * i)], "load").ExitsWithFailure());
            AssertNothingLeft();
        }
    }

    [Fact]
    public void A_manifest_that_names_files_of_the_host_is_refused()
    {
        foreach (var path in new[] { _canary.File, "../../../../../../.." + _canary.File, "link" })
        {
            foreach (var manifest in new[] { $$"""[{"Config":"{{path}}","RepoTags":["e2e-m:1"],"Layers":[]}]""",
                $$"""[{"Config":"config.json","RepoTags":["e2e-m:1"],"Layers":["{{path}}"]}]""" })
            {
                var archive = TestImage.Layer(
                    TestImage.File("config.json",
                        """{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:0000000000000000000000000000000000000000000000000000000000000000"]}}"""),
                    TestImage.Link("link", "a/../../../../../../.." + _canary.File),
                    TestImage.File("manifest.json", manifest));
                _canary.AssertSafe(engine.Docker.RunWithInput(archive, "load").ExitsWithFailure());
                AssertNothingLeft();
            }
        }
    }

    private TarEntry[] Entries(string kind) => kind switch
    {
        "climbing" => [TestImage.File("../../../../../../../.." + _canary.File, "evil")],
        "climbing later" => [TestImage.Folder("a"), TestImage.File("a/../../evil", "evil")],
        "hard link out" => [TestImage.HardLink("evil", "../../../../../../../.." + _canary.File)],
        "hard link to the host" => [TestImage.HardLink("evil", _canary.File), TestImage.File("evil", "evil")],
        "hard link through a link" => [TestImage.Link("l", _canary.Folder), TestImage.HardLink("evil", "l/secret"), TestImage.File("evil", "evil")],
        "whiteout of the parent" => [TestImage.File("d/.wh...", "")],
        "too deep" => [TestImage.File(string.Concat(Enumerable.Repeat("d/", 20_000)) + "f", "x")],
        "name too long" => [TestImage.File(new string('n', 300), "x")],
        "links without end" => [TestImage.Link("x", "y"), TestImage.Link("y", "x"), TestImage.File("x/f", "x")],
        "root that is a link" => [TestImage.Link("./", "/etc")],
        "absolute names" => [TestImage.File(_canary.File, "evil"), TestImage.File("//etc/evil", "evil")],
        "links in the way" =>
            [TestImage.Link("l", _canary.Folder), TestImage.File("l/secret", "evil"), TestImage.Link("up", "../../../../../../.."),
                TestImage.File("up" + _canary.File, "evil"), TestImage.Link("magic", "/proc/self/root"), TestImage.File("magic" + _canary.File, "evil")],
        "directory swapped for a link" =>
            [TestImage.Folder("d"), TestImage.File("d/one", "1"), TestImage.Link("d", _canary.Folder), TestImage.File("d/secret", "evil"),
                TestImage.Folder("d")],
        "devices" => [new PaxTarEntry(TarEntryType.BlockDevice, "device") { DeviceMajor = 8, DeviceMinor = 0, Mode = (UnixFileMode)0b110_110_110 },
            TestImage.Fifo("fifo")],
        "whiteouts through links" => [TestImage.Link("l", _canary.Folder), TestImage.File("l/.wh.secret", ""), TestImage.File("l/.wh..wh..opq", "")],
        _ => throw new ArgumentException(kind, nameof(kind)),
    };

    private void AssertNothingLeft()
    {
        _canary.AssertSafe();
        Assert.DoesNotContain("e2e-hostile", engine.Docker.Text("images"), StringComparison.Ordinal);
        Assert.Equal([".lock"], Directory.EnumerateFiles(engine.Daemon.Root + "/images/ingest").Select(Path.GetFileName));
        Assert.Empty(Directory.EnumerateFileSystemEntries(engine.Daemon.Root, "secret", SearchOption.AllDirectories));
    }
}
