using System.IO.Compression;
using System.Text;
using Gantry.Os;
using Gantry.Os.Pipes;
using Gantry.Runtime.Cli.Keeper.Output;
using Gantry.Runtime.Keeper;
using Gantry.Runtime.Keeper.Client;

namespace Gantry.Runtime.Cli.Tests.Keeper;

/// <summary>Logs in pages, their rotation by age, their compression, and those that are not waited for.</summary>
public sealed class PagedLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("keeper-paged-").FullName;
    private readonly Pipe _output = Pipe.Create();
    private readonly Pipe _errors = Pipe.Create();
    private readonly Fd _file = ChildStreams.CreateRing("test", null);
    private readonly LineFormatter _formatter = LineFormatter.Create(LogFormat.Paged);
    private readonly LogWriter _writer = new();

    private string LogPath => Path.Combine(_folder, "container.log");

    public void Dispose()
    {
        _writer.Dispose();
        _file.Dispose();
        foreach (var end in new[] { _output.Reader, _output.Writer, _errors.Reader, _errors.Writer })
            end.Dispose();
        Directory.Delete(_folder, recursive: true);
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
        var settings = new LogRequest { Path = LogPath, Format = LogFormat.Paged, MaxSize = seed % 2 == 0 ? 150_000 : 0, MaxFiles = 1000 };
        var ring = OutputRing.Open(_file);
        var log = new LogStream(ring, settings, () => { }, _writer);
        for (var i = 0; i < 600; i++)
        {
            var stream = random.Next(2);
            var text = RandomText(random);
            written[stream].Append(text);
            Pass(ring, Encoding.UTF8.GetBytes(text), stream);
            if (random.Next(3) == 0)
                log.Drain(_formatter, final: false);
            if (random.Next(20) != 0)
                continue;
            log.Dispose();
            ring.Dispose();
            if (random.Next(2) == 0)
                File.AppendAllBytes(LogPath, new byte[random.Next(70_000)]);
            ring = OutputRing.Open(_file);
            log = new LogStream(ring, settings, () => { }, _writer);
        }
        log.Drain(_formatter, final: true);
        log.Dispose();
        ring.Dispose();
        var lines = Enumerable.Range(1, 1000).Reverse().Select(n => $"{LogPath}.{n}").Where(File.Exists).Append(LogPath).SelectMany(Entries).ToList();
        Assert.True(new FileInfo(LogPath).Length > PagedLog.PageSize || settings.MaxSize > 0);
        Assert.Equal(written[0].ToString(), string.Concat(lines.Where(l => l.Kind == PagedLogKind.Output).Select(l => l.Text)));
        Assert.Equal(written[1].ToString(), string.Concat(lines.Where(l => l.Kind == PagedLogKind.Error).Select(l => l.Text)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(40_000)]
    public void A_torn_end_is_cut_to_whole_entries(int torn)
    {
        var settings = new LogRequest { Path = LogPath, Format = LogFormat.Paged };
        Write(settings, string.Concat(Enumerable.Range(0, 9000).Select(i => $"line {i}\n")));
        using (var file = File.OpenWrite(LogPath))
            file.SetLength(file.Length - torn);
        var kept = Entries(LogPath).Count;
        using (var other = ChildStreams.CreateRing("next", null))
        using (var ring = OutputRing.Open(other))
            Write(settings, "after\n", ring);
        var lines = Entries(LogPath).Select(entry => entry.Text).ToList();
        Assert.Equal([.. Enumerable.Range(0, kept).Select(i => $"line {i}\n"), "after\n"], lines);
        Assert.InRange(kept, torn == 0 ? 9000 : 6000, 9000);
    }

    [Fact]
    public void Attributes_are_said_once_a_page_and_where_they_change()
    {
        Write(new LogRequest { Path = LogPath, Format = LogFormat.Paged, Attributes = """{"a":"1"}""" }, "one\n");
        using (var other = ChildStreams.CreateRing("next", null))
        using (var ring = OutputRing.Open(other))
            Write(new LogRequest { Path = LogPath, Format = LogFormat.Paged, Attributes = """{"a":"2"}""" }, "two\n", ring);
        Assert.Equal("""{"a":"1"}""", Encoding.UTF8.GetString(File.ReadAllBytes(LogPath).AsSpan(PagedLog.PageHeaderSize, 9)));
        Assert.Equal(["one\n", """{"a":"2"}""", "two\n"], Entries(LogPath).Select(entry => entry.Text));
    }

    [Fact]
    public void A_file_is_closed_when_its_first_line_is_old_also_without_output()
    {
        using var ring = OutputRing.Open(_file);
        using var log = new LogStream(ring, new LogRequest { Path = LogPath, Format = LogFormat.Paged, MaxAge = 1, MaxFiles = 4 }, () => { }, _writer);
        Pass(ring, "old\n"u8.ToArray(), 0);
        log.Drain(_formatter, final: false);
        Thread.Sleep(300);
        log.Drain(_formatter, final: false);
        Assert.Equal(["old\n"], Entries(LogPath + ".1").Select(entry => entry.Text));
        Assert.Equal(0, new FileInfo(LogPath).Length);
        Pass(ring, "new\n"u8.ToArray(), 0);
        log.Drain(_formatter, final: false);
        Assert.Equal(["new\n"], Entries(LogPath).Select(entry => entry.Text));
    }

    [Theory]
    [InlineData(LogFormat.Paged)]
    [InlineData(LogFormat.JsonLines)]
    public void The_age_of_a_file_is_known_to_who_takes_it_up(LogFormat format)
    {
        var settings = new LogRequest { Path = LogPath, Format = format, MaxAge = 4, MaxFiles = 2 };
        Write(settings, "old\n");
        Thread.Sleep(2100);
        using (var other = ChildStreams.CreateRing("next", null))
        using (var ring = OutputRing.Open(other))
            Write(settings, "new\n", ring);
        Assert.True(File.Exists(LogPath + ".1"));
    }

    [Fact]
    public void Closed_files_are_compressed_and_move_up_as_others_do()
    {
        var text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n"));
        Write(new LogRequest { Path = LogPath, Format = LogFormat.JsonLines, MaxSize = 200_000, MaxFiles = 100, Compress = true }, text,
            formatter: LineFormatter.Create(LogFormat.JsonLines));
        Assert.True(SpinWait.SpinUntil(() =>
            Directory.GetFiles(_folder).All(name => name == LogPath || name.EndsWith(".gz", StringComparison.Ordinal)), TimeSpan.FromSeconds(60)));
        var files = Enumerable.Range(1, 99).Reverse().Select(n => $"{LogPath}.{n}.gz").Where(File.Exists).ToList();
        Assert.True(files.Count >= 5);
        Assert.Equal(text, string.Concat(files.Select(Unpack).Append(LogPath).Select(KeeperFixture.LogText)));
    }

    [Theory]
    [InlineData(LogFormat.Paged)]
    [InlineData(LogFormat.JsonLines)]
    public void What_is_not_waited_for_is_lost_counted_and_told(LogFormat format)
    {
        using var file = ChildStreams.CreateRing("test", new LogRequest { Path = LogPath, Buffer = 128 * 1024 });
        using var ring = OutputRing.Open(file);
        using var log = new LogStream(ring, new LogRequest { Path = LogPath, Format = format, Buffer = 128 * 1024 }, () => { }, _writer);
        var formatter = LineFormatter.Create(format);
        Pass(ring, "first\n"u8.ToArray(), 0);
        log.Drain(formatter, final: false);
        for (var i = 0; i < 40; i++)
            Pass(ring, Encoding.ASCII.GetBytes(new string('x', 20_000) + "\n"), 0, waited: false);
        Assert.Null(log.Drain(formatter, final: false));
        Pass(ring, "last\n"u8.ToArray(), 0);
        log.Drain(formatter, final: true);
        Assert.InRange(log.Progress.Dropped, 800_000, 820_000);
        var lines = format == LogFormat.Paged ? [.. Entries(LogPath).Select(entry => entry.Text)]
            : KeeperFixture.LogLines(LogPath).Select(line => line.Text).ToList();
        Assert.Equal(
            ["first\n", $"[gantry: {log.Progress.Dropped} bytes of this log could not be written here: the disk was slower than the output, which was not to wait (mode=non-blocking)]\n", "last\n"], lines);
    }

    private void Write(LogRequest settings, string text, OutputRing? other = null, LineFormatter? formatter = null)
    {
        var ring = other ?? OutputRing.Open(_file);
        using var log = new LogStream(ring, settings, () => { }, _writer);
        formatter ??= LineFormatter.Create(settings.Format);
        for (var rest = Encoding.UTF8.GetBytes(text).AsSpan(); !rest.IsEmpty; rest = rest[Math.Min(rest.Length, 60_000)..])
        {
            Pass(ring, rest[..Math.Min(rest.Length, 60_000)].ToArray(), 0);
            log.Drain(formatter, final: false);
        }
        log.Drain(formatter, final: true);
        if (other is null)
            ring.Dispose();
    }

    private string Unpack(string path)
    {
        var unpacked = Path.Combine(_folder, "unpacked-" + Path.GetFileName(path));
        using (var source = new GZipStream(File.OpenRead(path), CompressionMode.Decompress))
        using (var target = File.Create(unpacked))
            source.CopyTo(target);
        return unpacked;
    }

    /// <summary>All entries, with a check of what each page says of those before.</summary>
    private static List<(PagedLogKind Kind, string Text)> Entries(string path)
    {
        var content = File.ReadAllBytes(path);
        var entries = new List<byte>();
        var pages = new List<(PagedLogPage Page, int At)>();
        for (var at = 0; at < content.Length; at += PagedLog.PageSize)
        {
            var page = content.AsSpan(at, Math.Min(PagedLog.PageSize, content.Length - at));
            Assert.True(PagedLog.TryReadPage(page, out var header));
            pages.Add((header, entries.Count + header.FirstEntry - header.HeaderLength));
            entries.AddRange(page[header.HeaderLength..]);
        }
        var (result, latest, position) = (new List<(PagedLogKind, string)>(), 0L, 0);
        for (var rest = entries.ToArray().AsSpan(); PagedLog.TryReadEntry(rest, out var entry) && entry.Length <= rest.Length; rest = rest[entry.Length..])
        {
            foreach (var (page, _) in pages.Where(page => page.At == position))
                Assert.Equal((result.Count(known => known.Item1 != PagedLogKind.Attributes), latest), ((int)page.LinesBefore, page.LatestBefore));
            result.Add((entry.Kind, Encoding.UTF8.GetString(rest[PagedLog.EntryHeaderSize..entry.Length])));
            latest = Math.Max(latest, entry.Time);
            position += entry.Length;
        }
        return result;
    }

    private void Pass(OutputRing ring, byte[] bytes, int stream, bool waited = true)
    {
        var pipe = stream == 0 ? _output : _errors;
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += StreamIo.Write(pipe.Writer, bytes.AsSpan(sent, Math.Min(bytes.Length - sent, 65536))).Count;
            while (ring.ReadFrom(pipe.Reader, stream, waited ? ring.LoadState().Position : ring.Head, exact: true, hungUp: false).Count > 0)
                continue;
        }
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        for (var n = random.Next(1, 20); n > 0; n--)
            text.Append(random.Next(6) switch
            {
                0 => new string('x', random.Next(1, 300)),
                1 => new string('y', random.Next(1, 9000)) + "\n",
                _ => $"word{random.Next(100)}\n",
            });
        return text.ToString();
    }
}
