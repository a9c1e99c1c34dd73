using System.IO.Compression;
using System.IO.Pipelines;
using System.Text;
using Gantry.Engine.Logs;
using Gantry.Os.Files;
using Gantry.Runtime.Keeper;

namespace Gantry.Engine.Tests.Logs;

/// <summary>Logs in pages: what is read, and how little of the file for it.</summary>
public sealed class PagedReaderTests : IDisposable
{
    private static readonly LogQuery Both = new() { Stdout = true, Stderr = true };
    private readonly LogFolder _log = new() { Format = LogFormat.Paged };

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task No_file_is_an_empty_log() => Assert.Equal("", await _log.ReadAsync(Both with { Tail = 3, Since = LogFolder.Second(1) }));

    [Fact]
    public async Task Streams_times_and_attributes()
    {
        var file = new PagedFile(_log.Path);
        file.Append("out\n", 5, attributes: """{"b":"x y","a":"1"}""");
        file.Append("err", 6, isError: true);
        Assert.Equal("2026-01-01T00:00:05.120000345Z b=x+y out\n".Replace("b=", "a=1,b=", StringComparison.Ordinal)
            + "2026-01-01T00:00:06.120000345Z a=1,b=x+y err", await _log.ReadAsync(Both with { Timestamps = true, Details = true }));
        Assert.Equal("err", await _log.ReadAsync(Both with { Stdout = false }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2000)]
    [InlineData(20_000)]
    [InlineData(29_999)]
    [InlineData(30_000)]
    [InlineData(40_000)]
    public async Task The_tail_reaches_back_over_pages_and_packed_files(int lines)
    {
        WriteThree();
        Assert.Equal(Numbers(Math.Max(30_000 - lines, 0), 30_000), await _log.ReadAsync(Both with { Tail = lines }));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9_999)]
    [InlineData(10_000)]
    [InlineData(25_000)]
    [InlineData(29_999)]
    [InlineData(30_001)]
    public async Task Times_are_found(int second)
    {
        WriteThree();
        Assert.Equal(Numbers(second, 30_000), await _log.ReadAsync(Both with { Since = LogFolder.Second(second) }));
        Assert.Equal(Numbers(Math.Max(second, 29_990), 30_000), await _log.ReadAsync(Both with { Since = LogFolder.Second(second), Tail = 10 }));
    }

    [Fact]
    public async Task A_clock_that_was_set_back_hides_no_line()
    {
        var file = new PagedFile(_log.Path);
        for (var i = 0; i < 20_000; i++)
            file.Append($"{i}\n", i < 15_000 ? i : i - 10_000);
        Assert.Equal(Numbers(6_000, 15_000) + Numbers(16_000, 20_000), await _log.ReadAsync(Both with { Since = LogFolder.Second(6_000) }));
    }

    [Fact]
    public void The_end_of_a_large_log_is_found_by_its_pages()
    {
        var file = new PagedFile(_log.Path);
        for (var i = 0; i < 200_000; i++)
            file.Append($"line {i} of a log with some length\n", i);
        using var segment = LogSegment.TryOpen(_log.Path)!;
        var (_, position, skip) = PagedSeek.FindTail([segment], 10);
        Assert.InRange(position, segment.Length - 2 * PagedLog.PageSize, segment.Length);
        Assert.InRange(skip, 0, 3000);
        Assert.InRange(PagedSeek.FindTime(segment, LogTime.Of(LogFolder.Second(100_000))), segment.Length / 2 - PagedLog.PageSize * 2, segment.Length / 2);
    }

    [Fact]
    public async Task What_is_damaged_is_passed_over()
    {
        var file = new PagedFile(_log.Path);
        for (var i = 0; i < 60_000; i++)
            file.Append($"{i}\n", i);
        using (var stream = File.OpenWrite(_log.Path))
        {
            stream.Position = PagedLog.PageSize;
            stream.Write(new byte[PagedLog.PageSize]);
            stream.Position = 5 * PagedLog.PageSize + 100;
            stream.Write(Enumerable.Repeat((byte)0xff, 5000).ToArray());
        }
        var numbers = (await _log.ReadAsync(Both)).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => int.TryParse(line, out _)).Select(int.Parse).ToList();
        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal((0, 59_999), (numbers[0], numbers[^1]));
        Assert.InRange(numbers.Count, 30_000, 57_000);
    }

    [Fact]
    public async Task A_follower_gets_every_line_over_pages_rotations_and_compression()
    {
        const int lines = 30_000;
        var ended = new TaskCompletionSource();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120));
        var following = _log.Reader.WriteAsync(_log.Place, Both with { Follow = true }, false, ended.Task, pipe.Writer, limit.Token);
        var random = new Random(3);
        var file = new PagedFile(_log.Path);
        for (var i = 0; i < lines; i++)
        {
            file.Append($"{i}\n", i);
            if (random.Next(400) != 0)
                continue;
            _log.Rotate(1000);
            file = new PagedFile(_log.Path);
            if (random.Next(2) == 0)
                Pack(".1");
        }
        ended.SetResult();
        await following;
        await pipe.Writer.CompleteAsync(null);
        var result = await pipe.Reader.ReadAtLeastAsync(int.MaxValue, limit.Token);
        Assert.Equal(Numbers(0, lines), Encoding.UTF8.GetString(System.Buffers.BuffersExtensions.ToArray(result.Buffer)));
    }

    private static string Numbers(int from, int to) => string.Concat(Enumerable.Range(from, Math.Max(to - from, 0)).Select(number => $"{number}\n"));

    private void WriteThree()
    {
        foreach (var (suffix, start) in (ReadOnlySpan<(string, int)>)[(".2", 0), (".1", 10_000), ("", 20_000)])
        {
            var file = new PagedFile(_log.Path + suffix);
            for (var i = start; i < start + 10_000; i++)
                file.Append($"{i}\n", i);
        }
        Pack(".2");
        Pack(".1");
    }

    /// <summary>As the keeper does it: it tells of the original, and has its time.</summary>
    private void Pack(string suffix)
    {
        var path = _log.Path + suffix;
        var status = FileStatusReader.Read(null, KernelPath.FromText(path));
        var start = new byte[CompressedLog.Length];
        CompressedLog.Write(start, status.Inode);
        File.WriteAllBytes(path + ".part", start);
        using (var target = new GZipStream(new FileStream(path + ".part", FileMode.Append), CompressionLevel.Fastest))
            target.Write(File.ReadAllBytes(path));
        FileMetadata.TrySetTimes(null, KernelPath.FromText(path + ".part"), status.Modified, status.Modified);
        File.Move(path + ".part", path + ".gz", overwrite: true);
        File.Delete(path);
    }
}
