using System.Buffers.Binary;
using Gantry.Client.Streams;

namespace Gantry.Client.Tests;

public class MultiplexedReaderTests
{
    [Fact]
    public async Task Frames_read_in_any_pieces_keep_streams_apart()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            using var source = new MemoryStream();
            var expected = new[] { new List<byte>(), new List<byte>() };
            for (var frame = random.Next(0, 10); frame > 0; frame--)
            {
                var data = new byte[random.Next(0, round % 10 == 0 ? 200_000 : 300)];
                random.NextBytes(data);
                var kind = random.Next(1, 3);
                expected[kind - 1].AddRange(data);
                WriteFrame(source, (byte)kind, data);
            }
            source.Position = 0;
            using var output = new MemoryStream();
            using var error = new MemoryStream();
            await MultiplexedReader.CopyAsync(new ChoppyStream(source, random), output, error, CancellationToken.None);
            Assert.Equal(expected[0], output.ToArray());
            Assert.Equal(expected[1], error.ToArray());
        }
    }

    [Fact]
    public async Task A_failure_in_the_stream_is_thrown()
    {
        using var source = new MemoryStream();
        WriteFrame(source, 1, "before"u8.ToArray());
        WriteFrame(source, 3, "disk full"u8.ToArray());
        source.Position = 0;
        using var output = new MemoryStream();
        var error = await Assert.ThrowsAsync<IOException>(async () => await MultiplexedReader.CopyAsync(source, output, Stream.Null, CancellationToken.None));
        Assert.Contains("disk full", error.Message);
        Assert.Equal("before"u8, output.ToArray());
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0 })]
    [InlineData(new byte[] { 1, 0, 0, 0, 0, 0, 0, 5, 65 })]
    [InlineData(new byte[] { 9, 0, 0, 0, 0, 0, 0, 1, 65 })]
    public async Task A_torn_or_unknown_frame_is_an_error(byte[] bytes) =>
        await Assert.ThrowsAnyAsync<IOException>(async () =>
            await MultiplexedReader.CopyAsync(new MemoryStream(bytes), Stream.Null, Stream.Null, CancellationToken.None));

    private static void WriteFrame(Stream target, byte kind, byte[] data)
    {
        var header = new byte[8];
        header[0] = kind;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), data.Length);
        target.Write(header);
        target.Write(data);
    }

    private sealed class ChoppyStream(MemoryStream inner, Random random) : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            inner.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 5000))], cancellationToken);
    }
}
