using System.Diagnostics;
using System.Globalization;
using Gantry.EndToEnd.Tests.Harness;

namespace Gantry.EndToEnd.Tests.Containers;

/// <summary>What stays of logs: by the host's budget, by age, compressed, after the container is gone; and how they are searched.</summary>
[Trait("Only", "Gantry")]
public sealed class LogKeepingTests : IDisposable
{
    private const string Seconds = "30";
    private readonly Engine _engine = new(null, ["--log-budget", "4m", "--keep-removed-logs", Seconds + "s"]);

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void All_logs_together_keep_to_the_budget_and_one_alone_to_half_of_it()
    {
        var names = Enumerable.Range(0, 4).Select(i => _engine.RunShell("seq 1 40000; exec sleep 600")).ToList();
        var bounded = _engine.RunShell("seq 1 400000", "--log-opt", "max-size=-1");
        foreach (var name in names)
        {
            Eventually.Equal("40000", () => _engine.Docker.Text("logs", "--tail", "1", name));
            Assert.InRange(Size(name), 0, (2 << 20) + (1 << 18));
        }
        Eventually.True(() => names.Sum(Size) <= 4 << 20, () => string.Join(' ', names.Select(Size)));
        // Who asked for a log without bounds has one.
        Assert.Equal("400000", _engine.Docker.Text("logs", "--tail", "1", bounded));
        Assert.Equal(400_000, _engine.Docker.Run("logs", bounded).Lines.Length);
    }

    [Fact]
    public void A_removed_container_can_be_read_for_a_while()
    {
        var gantry = _engine.Client("gantry");
        var name = _engine.NewName();
        var id = gantry.Text("run", "-d", "--name", name, "--rm", "--log-driver", "local", Engine.Image, "sh", "-c", "echo one; echo two >&2");
        Eventually.True(() => gantry.Run("inspect", name).ExitCode != 0, () => "still there");
        foreach (var reference in (string[])[name, id, id[..12]])
        {
            var logs = gantry.Run("logs", "-f", reference).Succeeded();
            Assert.Equal(("one\n", "two\n"), (logs.Output, logs.Error));
        }

        // 1. With a terminal the log is raw; the last of a name counts; what is there counts more.
        gantry.Run("run", "--name", name, "-t", Engine.Image, "echo", "raw").Succeeded();
        gantry.Run("rm", name).Succeeded();
        Assert.Equal("raw\r\n", gantry.Run("logs", name).Output);
        gantry.Run("run", "--name", name, Engine.Image, "echo", "now").Succeeded();
        Assert.Equal("now\n", gantry.Run("logs", name).Output);
        gantry.Run("rm", name).Succeeded();

        // 2. Only the log is kept, and over a daemon's death.
        Eventually.Equal(false, () =>
            Directory.EnumerateFiles(Path.Combine(_engine.Daemon.Root, "containers"), "container.json", SearchOption.AllDirectories).Any());
        _engine.Daemon.Kill();
        _engine.Daemon.Restart();
        Assert.Equal("two\n", gantry.Run("logs", id).Error);
        Assert.Equal("now\n", gantry.Run("logs", name).Output);

        // 3. Then it is gone, with its files.
        Eventually.True(() => gantry.Run("logs", name).ExitCode == 1, () => "still read");
        Assert.Contains($"No such container: {name}", gantry.Run("logs", name).Error, StringComparison.Ordinal);
        Eventually.Equal(0, () => Directory.GetDirectories(Path.Combine(_engine.Daemon.Root, "containers")).Length);
    }

    [Theory]
    [InlineData("json-file")]
    [InlineData("local")]
    public void Old_lines_go_also_of_a_container_that_is_silent_or_has_ended(string driver)
    {
        var silent = _engine.RunShell("echo old; sleep 600", "--log-driver", driver, "--log-opt", "max-age=4s");
        var ended = _engine.RunShell("echo old", "--log-driver", driver, "--log-opt", "max-age=4s");
        Eventually.Equal("", () => _engine.Docker.Text("logs", silent));
        Eventually.Equal("", () => _engine.Docker.Text("logs", ended));
        Assert.Equal("running", _engine.Docker.Inspect(silent, "{{.State.Status}}"));
    }

    [Theory]
    [InlineData("json-file", "compress=true")]
    [InlineData("local", "max-file=3")]
    public void Closed_files_are_compressed_and_read(string driver, string option)
    {
        var name = _engine.NewName();
        _engine.Docker.Run("run", "--name", name, "--log-driver", driver, "--log-opt", option, "--log-opt", "max-size=200k", "--log-opt", "max-file=3",
            Engine.Image, "seq", "1", "30000").Succeeded();
        Eventually.Equal(2, () => Files(name).Count(file => file.EndsWith(".gz", StringComparison.Ordinal)));
        Assert.Equal(3, Files(name).Count);
        var lines = _engine.Docker.Run("logs", name).Lines.Select(line => int.Parse(line, CultureInfo.InvariantCulture)).ToList();
        Assert.Equal(Enumerable.Range(lines[0], lines.Count), lines);
        Assert.Equal(30_000, lines[^1]);
        Assert.Equal(lines.TakeLast(lines.Count - 1), _engine.Docker.Run("logs", "--tail", $"{lines.Count - 1}", name).Lines.Select(int.Parse));
    }

    [Fact]
    public void Local_is_searched_and_not_read_through()
    {
        var name = _engine.NewName();
        _engine.Docker.Run("run", "--name", name, "--log-driver", "local", "--log-opt", "max-size=1g", Engine.Image, "sh", "-c",
            "seq 1 4000000; sleep 1; echo last").Succeeded();
        Assert.Equal("", _engine.Docker.Inspect(name, "{{.LogPath}}"));
        var all = Stopwatch.StartNew();
        Assert.Equal(4_000_001, _engine.Client("gantry").Run("logs", name).Lines.Length);
        all.Stop();
        var time = _engine.Docker.Text("logs", "-t", "--tail", "1", name).Split(' ')[0];
        var found = Stopwatch.StartNew();
        Assert.Equal("3999999\n4000000\nlast\n", _engine.Client("gantry").Run("logs", "--tail", "3", name).Output);
        Assert.Equal("last\n", _engine.Client("gantry").Run("logs", "--since", time, name).Output);
        found.Stop();
        Assert.True(found.Elapsed < all.Elapsed / 4, $"both by search {found.Elapsed}, everything {all.Elapsed}");
    }

    [Theory]
    [InlineData("json-file")]
    [InlineData("local")]
    public void A_log_that_is_not_waited_for_is_whole_when_the_disk_is_fast_enough(string driver)
    {
        var name = _engine.RunShell("i=0; while [ $i -lt 50 ]; do i=$((i+1)); echo line $i; sleep 0.01; done", "--log-driver", driver, "--log-opt",
            "mode=non-blocking", "--log-opt", "max-buffer-size=2m");
        Assert.Equal("0", _engine.Docker.Text("wait", name));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => $"line {i}"), _engine.Docker.Run("logs", name).Lines);
    }

    [Fact]
    public void A_cache_that_is_disabled_is_not_read()
    {
        var name = _engine.RunShell("echo hidden", "--log-driver", "syslog", "--log-opt", "syslog-address=udp://127.0.0.1:9", "--log-opt",
            "cache-disabled=true");
        Assert.Contains("configured logging driver does not support reading", _engine.Docker.Run("logs", name).ExitsWith(1).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("logger: max-buffer-size option is only supported with 'mode=non-blocking'", "max-buffer-size=1m")]
    [InlineData("compress cannot be true when max-file is less than 2 or max-size is not set", "compress=true", "max-size=1m")]
    [InlineData("max-file cannot be less than 1", "max-file=0")]
    [InlineData("invalid max-age \"soon\" in log options: a time such as 36h or 7d", "max-age=soon")]
    [InlineData("at most 128m", "mode=non-blocking", "max-buffer-size=1g")]
    public void Wrong_options_are_refused(string text, params string[] options) =>
        Assert.Contains(text, _engine.Docker.Run(["create", .. options.SelectMany(option => (string[])["--log-opt", option]), Engine.Image]).ExitsWith(1).Error,
            StringComparison.Ordinal);

    private List<string> Files(string name)
    {
        var folder = Path.Combine(_engine.Daemon.Root, "containers", _engine.Docker.Inspect(name, "{{.Id}}"));
        return [.. Directory.GetFiles(folder).Where(file => Path.GetFileName(file).Contains("json.log", StringComparison.Ordinal)
            || Path.GetFileName(file).StartsWith("container.log", StringComparison.Ordinal))];
    }

    private long Size(string name) => Files(name).Sum(file => new FileInfo(file) is { Exists: true } info ? info.Length : 0);
}
