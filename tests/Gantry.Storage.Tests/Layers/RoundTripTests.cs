using Gantry.Os.Files;
using Gantry.Storage.Layers;

namespace Gantry.Storage.Tests.Layers;

public class RoundTripTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task What_was_packed_is_unpacked(int seed)
    {
        using var temporary = new TemporaryFolder();
        Directory.CreateDirectory(temporary["source"]);
        new RandomTree(seed).Fill(temporary["source"]);
        using var source = temporary.Open("source");
        var archive = new MemoryStream();
        LayerDiffer.WriteTree(source, archive);
        using var target = new LayerTarget(temporary.Open("target"), null, WhiteoutForm.Overlay);
        await LayerApplier.ApplyAsync(new MemoryStream(archive.ToArray()), target);
        Assert.Equal(TreeListing.Of(source), TreeListing.Of(target.Directory));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void What_is_packed_twice_has_the_same_bytes(int seed)
    {
        using var temporary = new TemporaryFolder();
        Directory.CreateDirectory(temporary["source"]);
        new RandomTree(seed).Fill(temporary["source"]);
        using var source = temporary.Open("source");
        MemoryStream first = new(), second = new();
        LayerDiffer.WriteTree(source, first);
        LayerDiffer.WriteTree(source, second);
        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Fact]
    public async Task Holes_stay_holes()
    {
        using var temporary = new TemporaryFolder();
        Directory.CreateDirectory(temporary["source"]);
        using (var file = FileOpener.Open(temporary["source/file"], OpenFlags.WriteOnly | OpenFlags.Create, 0x1a4))
        {
            FileData.Seek(file, 5 << 20);
            FileData.Write(file, "within"u8);
            FileData.SetLength(file, 40 << 20);
        }
        using var source = temporary.Open("source");
        var archive = new MemoryStream();
        LayerDiffer.WriteTree(source, archive);
        using var target = new LayerTarget(temporary.Open("target"), null, WhiteoutForm.Overlay);
        await LayerApplier.ApplyAsync(new MemoryStream(archive.ToArray()), target);
        Assert.Equal(TreeListing.Of(source), TreeListing.Of(target.Directory));
        Assert.InRange(FileStatusReader.Read(target.Directory, "file"u8).Blocks * 512, 1, 1 << 16);
    }
}
