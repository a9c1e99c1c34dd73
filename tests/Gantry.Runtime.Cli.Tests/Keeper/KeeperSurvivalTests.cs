using System.Globalization;
using System.Net.Sockets;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;
using Gantry.Runtime.Cli.Keeper;
using Gantry.Runtime.Keeper;

namespace Gantry.Runtime.Cli.Tests.Keeper;

public sealed class KeeperSurvivalTests : IAsyncLifetime
{
    private readonly KeeperFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task A_new_daemon_finds_what_runs_and_what_ended_meanwhile()
    {
        var first = await _fixture.StartDaemonAsync();
        await _fixture.RunAsync(first, "runs", "read x; echo $x; exit 4", new SpawnRequest
        {
            Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true, StdinOnce = true }, Log = new LogRequest { Path = _fixture.LogPath },
        });
        var ending = await _fixture.RunAsync(first, "ends", "sleep 0.3; exit 5");
        first.Dispose();

        await KeeperFixture.EventuallyAsync(() => StateFiles.ReadExit(Path.Combine(_fixture.Folder, "state-ends"), ending.Record) is not null);
        var second = await _fixture.StartDaemonAsync();
        await KeeperFixture.EventuallyAsync(() => second.Find("ends")?.Exit is not null);
        Assert.Equal(5, second.Find("ends")!.Exit!.ExitCode);
        var running = second.Find("runs")!;
        Assert.Null(running.Exit);
        var (client, end) = KeeperFixture.Client(stdin: true);
        using var _ = client;
        await second.AttachAsync("runs", end);
        await client.SendAsync("again\n"u8.ToArray());
        Assert.Equal("again\n", KeeperFixture.Demultiplex(await KeeperFixture.ReadToEndAsync(client)).Output);
        Assert.Equal(4, (await KeeperFixture.EndOf(running)).ExitCode);
    }

    [Fact]
    public void A_keeper_whose_folder_was_made_anew_leaves_the_next_ones_socket_alone()
    {
        var folder = Path.Combine(_fixture.Folder, "run");
        var socket = Path.Combine(folder, "keeper.sock");
        Directory.CreateDirectory(folder);
        using var first = KeeperServer.TryStart(socket, TimeSpan.FromMilliseconds(50))!;
        Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        using var second = KeeperServer.TryStart(socket, TimeSpan.FromMilliseconds(50))!;
        first.Run();
        Assert.True(File.Exists(socket));
        second.Run();
        Assert.False(File.Exists(socket));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Killing_the_keeper_again_and_again_loses_no_line(int seed)
    {
        const int lines = 600_000;
        const int kills = 8;
        var random = new Random(seed);
        var keeper = await _fixture.StartDaemonAsync();
        var takenOver = new SemaphoreSlim(0);
        keeper.KeeperDied += (_, error) =>
        {
            if (error is null)
                takenOver.Release();
        };
        var process = await _fixture.RunAsync(keeper, "a", $"seq 1 {lines}; read x; seq {lines + 1} {2 * lines}; exit 7", new SpawnRequest
        {
            Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true },
            Log = new LogRequest { Path = _fixture.LogPath, MaxSize = 20_000_000, MaxFiles = 20 },
        });
        var (client, end) = KeeperFixture.Client(stdin: true, stdout: false, stderr: false);
        using var _ = client;
        for (var i = 0; i < kills; i++)
        {
            await Task.Delay(random.Next(30));
            _fixture.KillKeeper();
            Assert.True(await takenOver.WaitAsync(TimeSpan.FromSeconds(30)));
            if (i == kills / 2)
            {
                // Before the next kill the keeper has to have passed it on: it closes the connection of a client that sends no more.
                await keeper.AttachAsync("a", end);
                await client.SendAsync("go\n"u8.ToArray());
                client.Shutdown(SocketShutdown.Send);
                await KeeperFixture.ReadToEndAsync(client);
            }
        }
        Assert.Equal(7, (await KeeperFixture.EndOf(process)).ExitCode);
        var logged = LogFiles().SelectMany(KeeperFixture.LogLines).Select(line => int.Parse(line.Text, CultureInfo.InvariantCulture));
        var expected = 1;
        foreach (var number in logged)
            Assert.Equal(expected++, number);
        Assert.Equal(2 * lines + 1, expected);
    }

    [Fact]
    public async Task An_exit_while_there_is_no_keeper_is_known()
    {
        var keeper = await _fixture.StartDaemonAsync();
        var process = await _fixture.RunAsync(keeper, "a", "read x; exit 9", new SpawnRequest
        {
            Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true }, Log = new LogRequest { Path = _fixture.LogPath },
        });
        using var pidFd = PidFd.TryOpen(process.Pid, out _)!;
        _fixture.KillKeeper();
        PidFd.SendSignal(pidFd, 10);
        var exit = await KeeperFixture.EndOf(process);
        Assert.Equal((138, 10, true), (exit.ExitCode, exit.Signal, exit.Known));
    }

    [Fact]
    public async Task A_broken_connection_to_a_keeper_that_lives_is_made_anew()
    {
        var daemon = await _fixture.StartDaemonAsync();
        var process = await _fixture.RunAsync(daemon, "a", "read x; echo $x", new SpawnRequest
        {
            Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true, StdinOnce = true }, Log = new LogRequest { Path = _fixture.LogPath },
        });
        var keeperPid = _fixture.KeeperPid;
        var renewed = new TaskCompletionSource<Exception?>();
        daemon.KeeperDied += (_, error) => renewed.TrySetResult(error);
        daemon.BreakConnection();
        Assert.Null(await renewed.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(keeperPid, _fixture.KeeperPid);
        var (client, end) = KeeperFixture.Client(stdin: true);
        using var _ = client;
        await daemon.AttachAsync("a", end);
        await client.SendAsync("still\n"u8.ToArray());
        Assert.Equal("still\n", KeeperFixture.Demultiplex(await KeeperFixture.ReadToEndAsync(client)).Output);
        await KeeperFixture.EndOf(process);
    }

    [Fact]
    public async Task When_both_died_pipes_are_opened_anew()
    {
        var first = await _fixture.StartDaemonAsync();
        var go = Path.Combine(_fixture.Folder, "go");
        var process = await _fixture.RunAsync(first, "a", $"echo one; while ! [ -e {go} ]; do sleep 0.05; done; echo two; exit 6");
        await first.FlushLogAsync("a");
        var stateFolder = Path.Combine(_fixture.Folder, "state-a");
        await KeeperFixture.EventuallyAsync(() => KeeperFixture.LogText(_fixture.LogPath) == "one\n");
        File.AppendAllText(_fixture.LogPath, "{\"log\":\"torn");
        var keeperPid = _fixture.KeeperPid;
        first.Dispose();
        using (var pidFd = PidFd.TryOpen(keeperPid, out Os.Errno __)!)
            PidFd.SendSignal(pidFd, 9);
        await KeeperFixture.EventuallyAsync(() =>
            UnixSocket.TryConnect(Directory.GetFiles(_fixture.Folder, "keeper-*.sock").Single(), out Os.Errno ignored) is null);

        var second = await _fixture.StartDaemonAsync();
        Assert.Null(second.Find("a"));
        var found = (await second.RecoverAsync(stateFolder))!;
        Assert.Equal(process.Pid, found.Pid);
        var (client, end) = KeeperFixture.Client();
        using var _ = client;
        await second.AttachAsync("a", end);
        File.WriteAllText(go, "");
        Assert.Equal("two\n", KeeperFixture.Demultiplex(await KeeperFixture.ReadToEndAsync(client)).Output);
        Assert.Equal(6, (await KeeperFixture.EndOf(found)).ExitCode);
        Assert.Equal("one\ntwo\n", KeeperFixture.LogText(_fixture.LogPath));
    }

    [Fact]
    public async Task A_start_that_the_keeper_did_not_come_to_is_its_successors()
    {
        var daemon = await _fixture.StartDaemonAsync();
        using var keeper = PidFd.TryOpen(_fixture.KeeperPid, out Os.Errno _)!;
        PidFd.SendSignal(keeper, 19);
        var starting = _fixture.RunAsync(daemon, "a", "echo once; exit 4");
        Assert.NotSame(starting, await Task.WhenAny(starting, Task.Delay(200)));
        PidFd.SendSignal(keeper, 9);
        Assert.Equal(4, (await KeeperFixture.EndOf(await starting)).ExitCode);
        Assert.Equal("once\n", KeeperFixture.LogText(_fixture.LogPath));
    }

    /// <summary>The start was asked for by a daemon that died, and had not come when the new one asked what there is.</summary>
    [Fact]
    public async Task Of_a_process_that_a_keeper_holds_nothing_is_opened_anew()
    {
        var (first, second) = (await _fixture.StartDaemonAsync(), await _fixture.StartDaemonAsync());
        var (client, end) = KeeperFixture.Client(stdin: true);
        await _fixture.RunAsync(first, "a", "cat; exit 3", new SpawnRequest
        {
            Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true, StdinOnce = true }, Log = new LogRequest { Path = _fixture.LogPath },
            Attached = [end],
        });
        // It stops before it has read the end of its input, which the keeper tells the first daemon of, who dies.
        var process = first.Find("a")!;
        PidFd.SendSignal(process.Descriptors.PidFd!, 19);
        client.Dispose();
        await KeeperFixture.EventuallyAsync(() => process.Descriptors.Stdin is null);
        first.Dispose();

        Assert.Null(second.Find("a"));
        var found = (await second.RecoverAsync(Path.Combine(_fixture.Folder, "state-a")))!;
        PidFd.SendSignal(found.Descriptors.PidFd!, 18);
        Assert.Same(found, second.Find("a"));
        Assert.Equal(3, (await KeeperFixture.EndOf(found)).ExitCode);
    }

    [Fact]
    public async Task The_keeper_leaves_when_it_has_nothing_to_hold()
    {
        var daemon = await _fixture.StartDaemonAsync();
        var process = await _fixture.RunAsync(daemon, "a", "true");
        await KeeperFixture.EndOf(process);
        await daemon.ForgetAsync("a");
        daemon.Dispose();
        await KeeperFixture.EventuallyAsync(() => Directory.GetFiles(_fixture.Folder, "keeper-*.sock").Length == 0);
    }

    [Fact]
    public async Task A_malformed_frame_closes_that_connection_only()
    {
        var daemon = await _fixture.StartDaemonAsync();
        var socket = Directory.GetFiles(_fixture.Folder, "keeper-*.sock").Single();
        var random = new Random(5);
        for (var i = 0; i < 200; i++)
        {
            using var connection = UnixSocket.TryConnect(socket, out _)!;
            var junk = new byte[random.Next(1, 200)];
            random.NextBytes(junk);
            SocketMessages.Send(connection, junk, i % 3 == 0 ? [connection.Number, connection.Number] : [], wait: true);
            if (i % 2 == 0)
                UnixSocket.ShutdownWriting(connection);
        }
        await KeeperFixture.EndOf(await _fixture.RunAsync(daemon, "a", "true"));
    }

    private IEnumerable<string> LogFiles() =>
        Enumerable.Range(1, 30).Reverse().Select(i => $"{_fixture.LogPath}.{i}").Where(File.Exists).Append(_fixture.LogPath);
}
