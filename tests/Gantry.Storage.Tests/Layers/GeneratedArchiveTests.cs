using System.Text;
using Gantry.Oci;
using Gantry.Os.Files;
using Gantry.Storage.Archives;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Tests.Layers;

/// <summary>Archives that nobody thought of: generated from what hostile ones are made of, the same ones each time.</summary>
public sealed class GeneratedArchiveTests : IDisposable
{
    private const int Archives = 120;

    private readonly TemporaryFolder _temporary = new();
    private readonly List<string> _before;

    public GeneratedArchiveTests()
    {
        Directory.CreateDirectory(_temporary["host/sub"]);
        File.WriteAllText(_temporary["host/secret"], "secret");
        File.CreateSymbolicLink(_temporary["host/link"], "secret");
        _before = Host();
    }

    public void Dispose() => _temporary.Dispose();

    public static TheoryData<int, WhiteoutForm> Runs
    {
        get
        {
            var runs = new TheoryData<int, WhiteoutForm>();
            for (var seed = 1; seed <= 6; seed++)
            {
                runs.Add(seed, WhiteoutForm.Overlay);
                runs.Add(seed, WhiteoutForm.Delete);
            }
            return runs;
        }
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Nothing_outside_changes_and_what_is_refused_is_refused_by_name(int seed, WhiteoutForm whiteouts)
    {
        var generator = new ArchiveGenerator(seed, _temporary["host"]);
        var refused = 0;
        using var lower = _temporary.Open("lower");
        using (var below = new LayerTarget(lower.Duplicate(), null, WhiteoutForm.Overlay))
            await LayerApplier.ApplyAsync(
                new MemoryStream(new TarBuilder().Directory("a").File("a/b", "1").Directory("d").Directory("d/a").Link("l", "d").ToArray()), below);
        for (var i = 0; i < Archives; i++)
        {
            var archive = generator.Next();
            // Applied over what the last one left: an image has many layers.
            using var target = new LayerTarget(_temporary.Open("target"), whiteouts == WhiteoutForm.Overlay && i % 2 == 0 ? lower.Duplicate() : null,
                whiteouts);
            try
            {
                await LayerApplier.ApplyAsync(new MemoryStream(archive), target);
            }
            catch (GantryException error)
            {
                refused++;
                Assert.True(error.Message.StartsWith("layer ", StringComparison.Ordinal), $"archive {i}: {error.Message}");
            }
            Assert.Equal(_before, Host());
        }
        Assert.InRange(refused, 1, Archives - 1); // Neither all of them nor none: both ways were gone.
        Assert.Empty(Directory.EnumerateFileSystemEntries(_temporary.Path).Select(Path.GetFileName).Except(["host", "target", "lower"]));
    }

    [Fact]
    public async Task A_path_of_half_a_million_levels_is_refused_early()
        => Assert.Contains("longer than 4096 bytes", await Refuse(new TarBuilder().File(string.Concat(Enumerable.Repeat("d/", 500_000)) + "f", "x").ToArray()));

    [Fact]
    public async Task A_path_made_long_by_links_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("d/", 1500));
        Assert.Contains("longer than 4096 bytes", await Refuse(new TarBuilder().Link("s", deep).Directory("s/" + deep).ToArray()));
    }

    [Fact]
    public async Task Names_that_use_up_memory_are_refused()
    {
        // 20,000 folders, each with a path of 4,000 bytes: some hundred kilobytes when compressed.
        var folder = string.Join('/', Enumerable.Repeat(new string('n', 250), 15));
        var archive = new TarBuilder();
        for (var i = 0; i < 20_000; i++) archive.Directory($"{folder}/{i}");
        Assert.Contains("the paths of its directories are longer", await Refuse(archive.ToArray()));
    }

    [Fact]
    public async Task Global_headers_that_add_up_are_refused()
    {
        var archive = new MemoryStream();
        for (var i = 0; i < 4; i++) WriteHeader(archive, (byte)'g', Encoding.ASCII.GetBytes(Record($"key{i}={new string('x', 600_000)}")));
        Assert.Contains("pax headers of more than", await Refuse(archive.ToArray()));
    }

    [Fact]
    public async Task Many_entries_of_one_name_are_one_file()
    {
        const int count = 10_000;
        var archive = new TarBuilder();
        for (var i = 0; i < count; i++) archive.File("f", "");
        using var target = new LayerTarget(_temporary.Open("target"), null, WhiteoutForm.Overlay);
        Assert.Equal(count, (await LayerApplier.ApplyAsync(new MemoryStream(archive.ToArray()), target)).Entries);
        Assert.Single(Directory.EnumerateFileSystemEntries(_temporary["target"]));
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 50)]
    [InlineData(1L << 33)]
    public async Task A_file_that_says_it_is_huge_is_cut_short(long size)
    {
        var archive = new MemoryStream();
        WriteHeader(archive, (byte)'x', Encoding.ASCII.GetBytes(Record($"size={size}")));
        archive.Write(new TarBuilder().File("f", "x").ToArray().AsSpan(0, 1024));
        Assert.Contains("cut short", await Refuse(archive.ToArray()));
    }

    private async Task<string> Refuse(byte[] archive)
    {
        using var target = new LayerTarget(_temporary.Open("target"), null, WhiteoutForm.Overlay);
        var error = await Assert.ThrowsAsync<GantryException>(() => LayerApplier.ApplyAsync(new MemoryStream(archive), target));
        Assert.Equal(_before, Host());
        return error.Message;
    }

    private static void WriteHeader(MemoryStream archive, byte type, byte[] data)
    {
        var block = new TarBuilder().File("pax", "").ToArray()[..512];
        Encoding.ASCII.GetBytes($"{Convert.ToString(data.Length, 8).PadLeft(11, '0')}\0").CopyTo(block, 124);
        block[156] = type;
        ArchiveGenerator.Sign(block);
        archive.Write(block);
        archive.Write(data);
        archive.Write(new byte[-data.Length & 511]);
    }

    /// <summary>A pax record; its length counts its own digits.</summary>
    private static string Record(string text)
    {
        var length = text.Length + 2;
        while ($"{length} {text}\n".Length > length) length++;
        return $"{length} {text}\n";
    }

    private List<string> Host()
    {
        using var host = _temporary.Open("host");
        return TreeListing.Of(host);
    }
}
