using Gantry.Os.Files;

namespace Gantry.Os.Tests.Files;

public sealed class SparseWriterTests : IDisposable
{
    private const int Hole = SparseWriter.SmallestHole;
    private readonly string _path = Path.GetTempFileName();

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(7)]
    [InlineData(Hole)]
    [InlineData(100_000)]
    [InlineData(1 << 22)]
    public void What_is_read_is_what_was_written(int pieces)
    {
        // Zeros and others in lengths around those that count, at the beginning, within and at the end.
        var random = new Random(1);
        var content = new List<byte>();
        foreach (var length in (int[])[Hole, 1, Hole - 1, 5, 3 * Hole + 17, 100_000, 8 * Hole])
        {
            content.AddRange(new byte[length]);
            var others = new byte[random.Next(1, 2 * Hole)];
            random.NextBytes(others);
            content.AddRange(others);
        }
        content.AddRange(new byte[2 * Hole]);
        Write(content, pieces);
        Assert.Equal(content, File.ReadAllBytes(_path));
    }

    [Theory]
    [InlineData(1 << 20)]
    [InlineData(99_999)]
    public void Zeros_take_no_room(int piece)
    {
        using var file = FileOpener.Open(_path, OpenFlags.WriteOnly);
        var writer = new SparseWriter(file);
        for (var i = 0; i < 64; i++)
            writer.Write(new byte[piece]);
        writer.Write("end"u8);
        writer.Write(new byte[piece]);
        writer.Finish();
        var status = FileStatusReader.Read(file);
        Assert.Equal((65 * piece) + 3, status.Size);
        Assert.InRange(status.Blocks * 512, 1, 1 << 16);
    }

    private void Write(List<byte> content, int pieces)
    {
        using var file = FileOpener.Open(_path, OpenFlags.WriteOnly);
        var writer = new SparseWriter(file);
        foreach (var piece in content.Chunk(pieces))
            writer.Write(piece);
        writer.Finish();
    }
}
