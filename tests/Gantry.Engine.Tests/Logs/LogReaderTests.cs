using System.Text;
using Gantry.Engine.Logs;

namespace Gantry.Engine.Tests.Logs;

public sealed class LogReaderTests : IDisposable
{
    private static readonly LogQuery Both = new() { Stdout = true, Stderr = true };
    private readonly LogFolder _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task No_file_is_an_empty_log() => Assert.Equal("", await _log.ReadAsync(Both));

    [Fact]
    public async Task Streams_are_chosen_and_framed()
    {
        _log.Append(LogFolder.Line("out\n") + LogFolder.Line("err\n", stream: "stderr"));
        Assert.Equal("out\nerr\n", await _log.ReadAsync(Both));
        Assert.Equal("err\n", await _log.ReadAsync(Both with { Stdout = false }));
        Assert.Equal("\u0001\0\0\0\0\0\0\u0004out\n\u0002\0\0\0\0\0\0\u0004err\n", await _log.ReadAsync(Both, framed: true));
    }

    [Fact]
    public async Task Times_and_attributes_come_before_the_text()
    {
        _log.Append(LogFolder.Line("hi\n", 5, attributes: """{"b":"x y","a":"1"}""") + LogFolder.Line("ho", 6));
        Assert.Equal(
            "2026-01-01T00:00:05.120000000Z a=1,b=x+y hi\n2026-01-01T00:00:06.120000000Z  ho",
            await _log.ReadAsync(Both with { Timestamps = true, Details = true }));
    }

    [Fact]
    public async Task Times_limit_what_is_read()
    {
        _log.Append(string.Concat(Enumerable.Range(0, 10).Select(second => LogFolder.Line($"{second}\n", second))));
        Assert.Equal("3\n4\n5\n", await _log.ReadAsync(Both with { Since = LogFolder.Second(3), Until = LogFolder.Second(6) }));
    }

    [Theory]
    [InlineData(0, 12)]
    [InlineData(1, 11)]
    [InlineData(4, 8)]
    [InlineData(5, 7)]
    [InlineData(12, 0)]
    [InlineData(100, 0)]
    public async Task The_tail_reaches_back_over_rotated_and_packed_files(int lines, int first)
    {
        string Lines(int from) => string.Concat(Enumerable.Range(from, 4).Select(number => LogFolder.Line($"{number}\n")));
        _log.AppendPacked(Lines(0), ".2.gz");
        _log.Append(Lines(4), ".1");
        _log.Append(Lines(8));
        var expected = string.Concat(Enumerable.Range(first, 12 - first).Select(number => $"{number}\n"));
        Assert.Equal(expected, await _log.ReadAsync(Both with { Tail = lines }));
        Assert.Equal(string.Concat(Enumerable.Range(0, 12).Select(number => $"{number}\n")), await _log.ReadAsync(Both));
    }

    [Theory]
    [InlineData("", ".2", ".3")]
    [InlineData(".1", ".2", ".3")]
    [InlineData("", ".1", ".3")]
    public async Task A_log_whose_rotation_broke_off_is_whole(params string[] newestFirst)
    {
        for (var i = 0; i < newestFirst.Length; i++)
            _log.Append(LogFolder.Line($"{i}\n"), newestFirst[i]);
        Assert.Equal("2\n1\n0\n", await _log.ReadAsync(Both));
    }

    [Fact]
    public async Task The_tail_is_found_in_lines_longer_than_a_block()
    {
        var text = new string('x', 100_000) + "\n";
        _log.Append(LogFolder.Line("a\n") + LogFolder.Line(text) + LogFolder.Line(text));
        Assert.Equal(text + text, await _log.ReadAsync(Both with { Tail = 2 }));
        Assert.Equal("a\n" + text + text, await _log.ReadAsync(Both));
    }

    [Fact]
    public async Task A_log_that_grows_while_it_is_read_ends_where_it_ended_before()
    {
        _log.Append(string.Concat(Enumerable.Range(0, 5).Select(number => LogFolder.Line($"{number}\n"))));
        var read = new List<string>();
        await foreach (var entry in _log.Reader.ReadAsync(_log.Place, Both, Task.CompletedTask, default))
        {
            read.Add(Encoding.UTF8.GetString(entry.Text.Span));
            Assert.True(read.Count <= 5, "what was written meanwhile is read, too");
            _log.Append(LogFolder.Line("later\n"));
        }

        Assert.Equal(["0\n", "1\n", "2\n", "3\n", "4\n"], read);
    }

    [Fact]
    public async Task Torn_lines_are_passed_over_and_what_follows_is_not()
    {
        _log.Append(LogFolder.Line("a\n") + "{\"log\":\"torn" + LogFolder.Line("b\n") + "rubbish\n\n" + LogFolder.Line("c\n") + "{\"log\":\"to");
        Assert.Equal("a\nb\nc\n", await _log.ReadAsync(Both));
        Assert.Equal("c\n", await _log.ReadAsync(Both with { Tail = 1 }));
    }

    [Fact]
    public async Task A_last_line_without_its_line_feed_counts()
    {
        _log.Append(LogFolder.Line("a\n") + LogFolder.Line("b\n").TrimEnd());
        Assert.Equal("a\nb\n", await _log.ReadAsync(Both));
    }

    [Fact]
    public async Task Keys_may_come_in_any_order()
    {
        _log.Append(
            """
            {"time":"2026-01-01T00:00:01Z","stream":"stderr","log":"1\n"}
            { "log" : "2\n", "unknown": [{"log": "no"}], "stream": "stdout", "attrs": {"k": "v"}, "time": "2026-01-01T02:00:02+02:00" }

            """);
        var entries = new List<LogEntry>();
        await foreach (var entry in _log.Reader.ReadAsync(_log.Place, Both, Task.CompletedTask, CancellationToken.None))
            entries.Add(entry);
        Assert.Equal(["1\n", "2\n"], entries.Select(entry => Encoding.UTF8.GetString(entry.Text.Span)));
        Assert.Equal([true, false], entries.Select(entry => entry.IsError));
        Assert.Equal([1_000_000_000L, 2_000_000_000L], entries.Select(entry => entry.Time - LogTime.Of(LogFolder.Second(0))));
        Assert.Equal("v", entries[1].Attributes["k"]);
    }
}
