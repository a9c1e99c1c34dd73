using System.Text;
using Gantry.Os;
using Gantry.Os.Memory;
using Gantry.Os.Pipes;
using Gantry.Runtime.Cli.Keeper.Output;
using Gantry.Runtime.Keeper;
using Gantry.Runtime.Keeper.Client;

namespace Gantry.Runtime.Cli.Tests.Keeper;

/// <summary>From a pipe through the ring to the log file, without a keeper.</summary>
public sealed class OutputLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keeper-log-").FullName;
    private readonly Pipe _output = Pipe.Create();
    private readonly Pipe _errors = Pipe.Create();
    private readonly Fd _file = ChildStreams.CreateRing("test", null);
    private readonly JsonLogFormatter _formatter = new();
    private readonly LogWriter _writer = new();

    private string LogPath => Path.Combine(_folder, "a.log");

    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
        foreach (var end in new[] { _output.Reader, _output.Writer, _errors.Reader, _errors.Writer })
            end.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData(0, 256 * 1024)]
    [InlineData(1 << 20, 2 << 20)]
    public void The_ring_is_as_large_as_what_may_wait_for_the_log(int buffer, int capacity)
    {
        using var file = ChildStreams.CreateRing("test", new LogRequest { Path = LogPath, Buffer = buffer });
        using var ring = OutputRing.Open(file);
        Assert.Equal(capacity, ring.Capacity);
    }

    [Fact]
    public void Text_is_escaped_as_docker_does()
    {
        using var ring = OutputRing.Open(_file);
        // What Docker 28.5 wrote for these bytes.
        Pass(ring, [.. "a\tb\"\\<>&"u8, 0x7f, 0x1b, 0xff, 0xe2, 0x82, (byte)' ', .. "\u2028é/\r\n"u8], 0);
        Log(ring, final: true);
        var line = File.ReadAllText(LogPath);
        Assert.StartsWith("""{"log":"a\u0009b\"\\\u003c\u003e\u0026""" + "\x7f" + """\u001b\ufffd\ufffd\ufffd \u2028é/\r\n","stream":"stdout","time":"20""",
            line, StringComparison.Ordinal);
        Assert.EndsWith("Z\"}\n", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1_000_000_000, "1970-01-01T00:00:01Z")]
    [InlineData(1_000_000_001, "1970-01-01T00:00:01.000000001Z")]
    [InlineData(1_767_225_600_123_456_780, "2026-01-01T00:00:00.12345678Z")]
    public void Times_have_no_zeros_at_their_end(long time, string expected)
    {
        Span<byte> text = stackalloc byte[40];
        Assert.Equal(expected, Encoding.UTF8.GetString(text[..JsonLogFormatter.FormatTime(time, text)]));
    }

    [Fact]
    public void Long_lines_are_split_at_16_KiB_and_share_the_time()
    {
        using var ring = OutputRing.Open(_file);
        Pass(ring, Encoding.UTF8.GetBytes(new string('x', 40_000)), 0);
        Log(ring, final: false);
        Pass(ring, "\nnext\n"u8.ToArray(), 0);
        Log(ring, final: true);
        var lines = File.ReadAllLines(LogPath).Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal([16384, 16384, 40_000 - 2 * 16384 + 1, 5], lines.Select(l => l.GetProperty("log").GetString()!.Length));
        Assert.Single(lines.Take(3).Select(l => l.GetProperty("time").GetString()).Distinct());
    }

    [Fact]
    public void Attributes_are_in_each_line()
    {
        using var ring = OutputRing.Open(_file);
        Pass(ring, "a\n"u8.ToArray(), 1);
        Log(ring, final: true, new LogRequest { Path = LogPath, Attributes = """{"tag":"x"}""" });
        Assert.StartsWith("""{"log":"a\n","stream":"stderr","attrs":{"tag":"x"},"time":""", File.ReadAllText(LogPath), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Whatever_is_written_and_however_often_keepers_die_the_log_has_it(int seed)
    {
        var random = new Random(seed);
        var written = new[] { new StringBuilder(), new StringBuilder() };
        var settings = new LogRequest { Path = LogPath, MaxSize = seed % 2 == 0 ? 50_000 : 0, MaxFiles = 1000 };
        var ring = OutputRing.Open(_file);
        var log = new LogStream(ring, settings, () => { }, _writer);
        for (var i = 0; i < 300; i++)
        {
            var stream = random.Next(2);
            var text = RandomText(random);
            written[stream].Append(text);
            Pass(ring, Encoding.UTF8.GetBytes(text), stream);
            if (random.Next(3) == 0)
                log.Drain(_formatter, final: false);
            if (random.Next(20) != 0)
                continue;
            // A keeper died, in the middle of writing what it had not committed; its successor maps the same memory.
            log.Dispose();
            ring.Dispose();
            if (random.Next(2) == 0)
                File.AppendAllText(LogPath, """{"log":"torn""");
            ring = OutputRing.Open(_file);
            log = new LogStream(ring, settings, () => { }, _writer);
        }
        log.Drain(_formatter, final: true);
        log.Dispose();
        ring.Dispose();
        var lines = Enumerable.Range(1, 1000).Reverse().Select(n => $"{LogPath}.{n}").Where(File.Exists).Append(LogPath).SelectMany(KeeperFixture.LogLines)
            .ToList();
        Assert.Equal(written[0].ToString(), string.Concat(lines.Where(l => l.Stream == "stdout").Select(l => l.Text)));
        Assert.Equal(written[1].ToString(), string.Concat(lines.Where(l => l.Stream == "stderr").Select(l => l.Text)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Full_files_are_rotated_and_the_oldest_dropped(int files)
    {
        using var ring = OutputRing.Open(_file);
        for (var i = 0; i < 100; i++)
            Pass(ring, Encoding.UTF8.GetBytes($"line {i:000}\n"), 0);
        Log(ring, final: true, new LogRequest { Path = LogPath, MaxSize = 1000, MaxFiles = files });
        var names = Directory.GetFiles(_folder).Select(Path.GetFileName).Order().ToList();
        Assert.Equal(new[] { "a.log", "a.log.1", "a.log.2" }.Take(files), names);
        Assert.All(Directory.GetFiles(_folder), name => Assert.InRange(new FileInfo(name).Length, 1, 1100));
        Assert.EndsWith("line 099\n", KeeperFixture.LogText(LogPath), StringComparison.Ordinal);
        var all = string.Concat(names.AsEnumerable().Reverse().Select(n => KeeperFixture.LogText(Path.Combine(_folder, n!))));
        Assert.EndsWith(all, string.Concat(Enumerable.Range(0, 100).Select(i => $"line {i:000}\n")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_drops_and_counts_and_never_stops_the_output()
    {
        using var ring = OutputRing.Open(_file);
        using var log = new LogStream(ring, new LogRequest { Path = "/dev/full" }, () => { }, _writer);
        Pass(ring, "lost\n"u8.ToArray(), 0);
        Assert.Equal(Errno.ENOSPC, log.Drain(_formatter, final: false));
        Assert.Equal(ring.Head, log.Position);
        Assert.True(log.Progress.Dropped > 0);
    }

    [Fact]
    public void A_log_that_can_be_written_again_tells_how_much_is_missing()
    {
        var folder = Path.Combine(_folder, "later");
        var path = Path.Combine(folder, "a.log");
        using var ring = OutputRing.Open(_file);
        using var log = new LogStream(ring, new LogRequest { Path = path }, () => { }, _writer);
        Pass(ring, "lost\n"u8.ToArray(), 0);
        Assert.Equal(Errno.ENOENT, log.Drain(_formatter, final: false));
        var lost = log.Progress.Dropped;
        Directory.CreateDirectory(folder);
        Pass(ring, "kept\n"u8.ToArray(), 0);
        log.Drain(_formatter, final: false);
        Pass(ring, "kept too\n"u8.ToArray(), 0);
        log.Drain(_formatter, final: false);
        Assert.Equal($"[gantry: {lost} bytes of this log could not be written here: no such file or directory]\nkept\nkept too\n", KeeperFixture.LogText(path));
    }

    [Fact]
    public void A_read_that_was_not_told_of_is_found_and_one_that_did_not_happen_is_not()
    {
        using var ring = OutputRing.Open(_file);
        using var memory = SharedMemory.Map(_file, OutputRing.SmallestFile);
        StreamIo.Write(_output.Writer, "unseen output of the process\n"u8);
        var before = memory.Span[..256].ToArray();
        ring.ReadFrom(_output.Reader, 0, 0, exact: true, hungUp: false);
        var intent = memory.Span.Slice(128, 32).ToArray();

        // Killed after the read, before the head moved: the first page is as before, but for the announcement.
        before.CopyTo(memory.Span);
        intent.CopyTo(memory.Span[128..]);
        ring.Recover(_ => _output.Reader);
        Assert.Equal(29, ring.ChunkAt(0).Length);

        // Killed between the announcement and the read: the marker is still in the data, the bytes are still in the pipe.
        StreamIo.Write(_output.Writer, "unseen output of the process\n"u8);
        before.CopyTo(memory.Span);
        intent.CopyTo(memory.Span[128..]);
        memory.Span.Slice(16, 16).CopyTo(memory.Span[(OutputRing.SmallestFile - OutputRing.SmallestCapacity + 16)..]);
        ring.Recover(_ => _output.Reader);
        Assert.Equal(0, ring.Head);
    }

    [Fact]
    public void Memory_that_holds_no_ring_is_refused()
    {
        using (var memory = SharedMemory.Map(_file, OutputRing.SmallestFile))
            new Random(1).NextBytes(memory.Span);
        Assert.Throws<InvalidDataException>(() => OutputRing.Open(_file));
        using var small = SharedMemory.CreateFile("small", 4096);
        Assert.Throws<InvalidDataException>(() => OutputRing.Open(small));
    }

    private void Pass(OutputRing ring, byte[] bytes, int stream)
    {
        var pipe = stream == 0 ? _output : _errors;
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += StreamIo.Write(pipe.Writer, bytes.AsSpan(sent, Math.Min(bytes.Length - sent, 65536))).Count;
            // Everything is taken as logged here: the tests drain before the ring overflows.
            while (ring.ReadFrom(pipe.Reader, stream, ring.LoadState().Position, exact: true, hungUp: false).Count > 0)
                continue;
        }
    }

    private void Log(OutputRing ring, bool final, LogRequest? settings = null)
    {
        using var log = new LogStream(ring, settings ?? new LogRequest { Path = LogPath }, () => { }, _writer);
        log.Drain(_formatter, final);
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var n = random.Next(1, 20); n > 0; n--)
            text.Append(random.Next(6) switch
            {
                0 => "\n",
                1 => new string('l', random.Next(1, 200)),
                2 => "ünïcödé \U0001F600 \u2028",
                3 => "\"quoted\" <b>&\t\\",
                4 when random.Next(30) == 0 => new string('w', random.Next(10_000, 40_000)),
                _ => "word ",
            });
        return text.ToString();
    }
}
