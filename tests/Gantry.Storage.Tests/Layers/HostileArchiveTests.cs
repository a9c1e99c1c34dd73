using System.IO.Compression;
using Gantry.Oci;
using Gantry.Oci.Images;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Tests.Layers;

/// <summary>Whatever an archive holds, nothing beside the target changes, and what is refused is refused by name.</summary>
public sealed class HostileArchiveTests : IDisposable
{
    private readonly TemporaryFolder _temporary = new();

    public HostileArchiveTests()
    {
        Directory.CreateDirectory(_temporary["host"]);
        File.WriteAllText(_temporary["host/secret"], "secret");
    }

    public void Dispose()
    {
        Assert.Equal("secret", File.ReadAllText(_temporary["host/secret"]));
        Assert.Equal(["secret"], Directory.EnumerateFileSystemEntries(_temporary["host"]).Select(Path.GetFileName));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Path).Select(Path.GetFileName).Except(["host", "target"]));
        _temporary.Dispose();
    }

    [Theory]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("../host/secret")]
    [InlineData("..")]
    public async Task Names_that_climb_out_are_refused(string name)
        => Assert.Equal($"layer entry {name}: its path leads out of the root", await Refuse(new TarBuilder().File(name, "evil")));

    [Theory]
    [InlineData("/host/secret", "/host/secret")]
    [InlineData("/../../host/secret", "/host/secret")]
    [InlineData("a/b/../../secret", "/secret")]
    [InlineData("./././secret", "/secret")]
    public async Task Absolute_and_winding_names_stay_inside(string name, string place)
    {
        await Apply(new TarBuilder().File(name, "evil"));
        Assert.Equal("evil", File.ReadAllText(_temporary["target"] + place));
    }

    [Fact]
    public async Task Links_in_a_path_are_followed_inside_only()
    {
        await Apply(new TarBuilder()
            .Link("up", "../../../../../../../..").File("up/1", "evil").Link("abs", _temporary["host"]).File("abs/2", "evil")
            .Link("magic", "/proc/self/root").File("magic/3", "evil").Link("x", "d/../../host").File("x/4", "evil"));
        var target = _temporary["target"];
        Assert.Equal("evil", File.ReadAllText(target + "/1"));
        Assert.Equal("evil", File.ReadAllText($"{target}{_temporary["host"]}/2"));
        Assert.Equal("evil", File.ReadAllText(target + "/proc/self/root/3"));
        Assert.Equal("evil", File.ReadAllText(target + "/host/4"));
    }

    [Fact]
    public async Task A_link_at_the_end_of_a_name_is_replaced_not_followed()
    {
        var secret = _temporary["host/secret"];
        await Apply(new TarBuilder().Link("a", secret).File("a", "evil").Link("d", _temporary["host"]).Directory("d").File("d/x", "evil"));
        Assert.Null(File.ResolveLinkTarget(_temporary["target/a"], false));
        Assert.Null(Directory.ResolveLinkTarget(_temporary["target/d"], false));
    }

    [Fact]
    public async Task A_directory_swapped_for_a_link_leads_nowhere_new()
    {
        await Apply(new TarBuilder()
            .Directory("d").File("d/one", "1").Link("d", _temporary["host"]).File("d/evil", "2").Directory("later"));
        Assert.Equal("2", File.ReadAllText($"{_temporary["target"]}{_temporary["host"]}/evil"));
    }

    [Fact]
    public async Task Times_are_not_set_through_a_link_that_took_a_directorys_place()
    {
        var before = File.GetLastWriteTimeUtc(_temporary["host"]);
        await Apply(new TarBuilder().Directory("d").Link("d", _temporary["host"]));
        Assert.Equal(before, File.GetLastWriteTimeUtc(_temporary["host"]));
    }

    [Fact]
    public async Task Hard_links_reach_nothing_outside()
    {
        Assert.Contains("its path leads out of the root", await Refuse(new TarBuilder().HardLink("a", "../host/secret")));
        Assert.Contains("which does not exist", await Refuse(new TarBuilder().HardLink("a", _temporary["host/secret"])));
        Assert.Contains("which does not exist", await Refuse(new TarBuilder().Link("l", _temporary["host"]).HardLink("a", "l/secret")));
        Assert.Contains("hard link to the directory d", await Refuse(new TarBuilder().Directory("d").HardLink("a", "d")));
        Assert.Contains("hard link to the root", await Refuse(new TarBuilder().HardLink("a", "/")));
        await Apply(new TarBuilder().Link("s", _temporary["host/secret"]).HardLink("t", "s").File("t", "evil"));
    }

    [Theory]
    [InlineData(".wh..")]
    [InlineData(".wh...")]
    [InlineData(".wh.")]
    [InlineData("a/.wh...")]
    public async Task Whiteouts_of_no_file_are_refused(string name)
        => Assert.Contains("whiteout of no file", await Refuse(new TarBuilder().File(name, "")));

    [Fact]
    public async Task Whiteouts_through_links_delete_inside_only()
        => await Apply(new TarBuilder().Link("d", _temporary["host"]).File("d/.wh.secret", "").File("d/.wh..wh..opq", ""), WhiteoutForm.Delete);

    [Fact]
    public async Task Attributes_of_overlayfs_are_not_taken()
    {
        var entry = new TarEntry { Name = "d"u8.ToArray(), Kind = TarEntryKind.Directory, Permissions = 0x1ed };
        entry.Attributes.Add(new TarAttribute("trusted.overlay.redirect"u8.ToArray(), "/etc"u8.ToArray()));
        await Apply(new TarBuilder().Add(entry, []));
        using var target = _temporary.Open("target");
        Assert.Empty(ExtendedAttributes.List(target, "d"u8));
    }

    [Fact]
    public async Task Deep_trees_are_made_and_deleted()
    {
        var builder = new TarBuilder();
        builder.Link("s", string.Concat(Enumerable.Repeat("d/", 1000)));
        builder.Directory(string.Concat(Enumerable.Repeat("d/", 1000))).File("s/s", "x").Directory("s/" + string.Concat(Enumerable.Repeat("e/", 1000)));
        await Apply(builder);
        Assert.Contains("ENAMETOOLONG", await Refuse(new TarBuilder().File(new string('n', 256), "x")));
        Assert.Contains("too many symbolic links", await Refuse(new TarBuilder().Link("a", "b").Link("b", "a").File("a/x", "x")));
    }

    [Fact]
    public async Task The_root_is_a_directory()
        => Assert.Contains("the root is no directory", await Refuse(new TarBuilder().Link("/", "/etc")));

    [Fact]
    public async Task Another_diff_id_than_expected_is_refused()
    {
        var archive = new TarBuilder().File("a", "1").ToArray();
        using var target = new LayerTarget(_temporary.Open("target"), null, WhiteoutForm.Overlay);
        var expected = Digest.Compute("other"u8);
        var error = await Assert.ThrowsAsync<GantryException>(() => LayerApplier.ApplyAsync(new MemoryStream(archive), target, expected));
        Assert.Equal($"layer has the diff ID {Digest.Compute(archive)} instead of the expected {expected}", error.Message);
        Assert.Equal(Digest.Compute(archive), (await LayerApplier.ApplyAsync(new MemoryStream(archive), target)).DiffId);
    }

    public static TheoryData<string> Forms => ["plain", "gzip"];

    [Theory]
    [MemberData(nameof(Forms))]
    public async Task Cut_at_any_byte_it_is_an_error_or_the_entries_before(string form)
    {
        var archive = new TarBuilder().Directory("d").File("d/" + new string('f', 200), new string('x', 700)).Link("l", "d").ToArray();
        var bytes = form == "gzip" ? Gzip(archive) : archive;
        var data = Array.LastIndexOf(archive, (byte)'x') + 1;
        for (var length = 0; length < bytes.Length; length += form == "gzip" ? 1 : 37)
        {
            using var target = new LayerTarget(_temporary.Open("target"), null, WhiteoutForm.Overlay);
            try
            {
                var applied = await LayerApplier.ApplyAsync(new MemoryStream(bytes[..length]), target);
                // Between two entries a plain archive may end, and so it may behind a file's data and the first zero block: there its digest alone tells.
                Assert.NotEqual(Digest.Compute(archive), applied.DiffId);
                Assert.True(form == "plain" ? length % 512 == 0 || (length > data && length < data + 512 - data % 512) || length > archive.Length - 512
                    : length == 0, $"cut at {length} it was taken for whole");
            }
            catch (GantryException error)
            {
                Assert.StartsWith("layer ", error.Message);
            }
        }
    }

    [Fact]
    public async Task Random_damage_is_an_error_or_harmless()
    {
        var random = new Random(7);
        var archive = new TarBuilder().Directory("d").File("d/" + new string('f', 200), new string('x', 700)).Link("l", "d").HardLink("h", "l").ToArray();
        for (var run = 0; run < 400; run++)
        {
            var damaged = (byte[])archive.Clone();
            for (var count = random.Next(1, 6); count > 0; count--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            using var target = new LayerTarget(_temporary.Open("target"), null, run % 2 == 0 ? WhiteoutForm.Overlay : WhiteoutForm.Delete);
            try
            {
                await LayerApplier.ApplyAsync(new MemoryStream(damaged), target);
            }
            catch (GantryException error)
            {
                Assert.StartsWith("layer ", error.Message);
            }
        }
    }

    private static byte[] Gzip(byte[] bytes)
    {
        var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return compressed.ToArray();
    }

    private async Task Apply(TarBuilder archive, WhiteoutForm whiteouts = WhiteoutForm.Overlay)
    {
        using var target = new LayerTarget(_temporary.Open("target"), null, whiteouts);
        await LayerApplier.ApplyAsync(new MemoryStream(archive.ToArray()), target);
    }

    private async Task<string> Refuse(TarBuilder archive) => (await Assert.ThrowsAsync<GantryException>(() => Apply(archive))).Message;
}
