using System.IO.Pipelines;
using System.Text;
using Gantry.Engine.Logs;

namespace Gantry.Engine.Tests.Logs;

public sealed class LogFollowTests : IDisposable
{
    private static readonly LogQuery Follow = new() { Stdout = true, Stderr = true, Follow = true };
    private readonly LogFolder _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public async Task What_is_written_while_following_arrives_before_the_end()
    {
        var ended = new TaskCompletionSource();
        _log.Append(LogFolder.Line("0\n") + LogFolder.Line("1\n"));
        var following = Start(Follow with { Tail = 1 }, ended.Task);
        await following.HasAsync("1\n");

        var torn = LogFolder.Line("2\n");
        _log.Append(torn[..20]);
        _log.Append(torn[20..] + LogFolder.Line("3\n"));
        await following.HasAsync("1\n2\n3\n");

        _log.Append(LogFolder.Line("4\n"));
        ended.SetResult();
        Assert.Equal("1\n2\n3\n4\n", await following.EndAsync());
    }

    [Fact]
    public async Task A_log_that_is_not_there_yet_is_waited_for()
    {
        var ended = new TaskCompletionSource();
        var following = Start(Follow, ended.Task);
        _log.Append(LogFolder.Line("first\n"));
        await following.HasAsync("first\n");
        ended.SetResult();
        await following.EndAsync();
    }

    [Fact]
    public async Task Over_rotations_no_line_is_lost_or_comes_twice()
    {
        const int lines = 3000;
        var ended = new TaskCompletionSource();
        var following = Start(Follow, ended.Task);
        var random = new Random(3);
        for (var i = 0; i < lines; i++)
        {
            _log.Append(LogFolder.Line($"{i}\n"));
            if (random.Next(50) == 0)
                _log.Rotate(1000);
        }
        ended.SetResult();
        Assert.Equal(string.Concat(Enumerable.Range(0, lines).Select(number => $"{number}\n")), await following.EndAsync());
    }

    [Fact]
    public async Task Readers_that_do_not_follow_see_a_log_whole_while_it_is_rotated()
    {
        using var stop = new CancellationTokenSource();
        var written = 0;
        var writer = Task.Run(() =>
        {
            for (; !stop.IsCancellationRequested; Volatile.Write(ref written, written + 1))
            {
                _log.Append(LogFolder.Line($"{written}\n"));
                if (written % 10 == 9 && written < 3000)
                    _log.Rotate(1000);
            }
        }, CancellationToken.None);
        for (var i = 0; i < 30; i++)
        {
            var least = Volatile.Read(ref written);
            var numbers = (await _log.ReadAsync(Follow with { Follow = false })).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(numbers.Length >= least);
            Assert.Equal(Enumerable.Range(0, numbers.Length).Select(number => $"{number}"), numbers);
        }
        await stop.CancelAsync();
        await writer;
    }

    [Fact]
    public async Task An_emptied_log_is_read_from_its_beginning()
    {
        var ended = new TaskCompletionSource();
        _log.Append(LogFolder.Line("a long line that makes the file longer\n"));
        var following = Start(Follow, ended.Task);
        await following.HasAsync("longer\n");
        File.WriteAllText(_log.Path, "");
        _log.Append(LogFolder.Line("new\n"));
        await following.HasAsync("new\n");
        ended.SetResult();
        await following.EndAsync();
    }

    [Fact]
    public async Task Following_ends_when_the_last_wanted_time_has_come()
    {
        var following = Start(Follow with { Until = DateTimeOffset.UtcNow.AddMilliseconds(200) }, new TaskCompletionSource().Task);
        Assert.Equal("", await following.EndAsync());
    }

    [Fact]
    public async Task Following_ends_when_nobody_reads_any_more()
    {
        _log.Append(LogFolder.Line("a\n"));
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();
        await _log.Reader.WriteAsync(_log.Place, Follow, false, new TaskCompletionSource().Task, pipe.Writer, CancellationToken.None);
    }

    private Following Start(LogQuery query, Task ended)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        return new Following(Task.Run(async () =>
        {
            await _log.Reader.WriteAsync(_log.Place, query, false, ended, pipe.Writer, CancellationToken.None);
            await pipe.Writer.CompleteAsync();
        }), pipe.Reader);
    }

    private sealed class Following(Task writing, PipeReader reader)
    {
        private readonly StringBuilder _text = new();

        /// <summary>Waits until the text ends with this.</summary>
        internal async Task HasAsync(string end)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (!_text.ToString().EndsWith(end, StringComparison.Ordinal))
                await ReadAsync(limit.Token);
        }

        internal async Task<string> EndAsync()
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (!await ReadAsync(limit.Token))
            {
            }
            await writing;
            return _text.ToString();
        }

        private async Task<bool> ReadAsync(CancellationToken cancellation)
        {
            var result = await reader.ReadAsync(cancellation);
            foreach (var part in result.Buffer)
                _text.Append(Encoding.UTF8.GetString(part.Span));
            reader.AdvanceTo(result.Buffer.End);
            return result.IsCompleted;
        }
    }
}
