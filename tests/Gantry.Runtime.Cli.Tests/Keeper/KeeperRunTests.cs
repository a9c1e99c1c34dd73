using System.Net.Sockets;
using System.Text;
using Gantry.Os;
using Gantry.Runtime.Keeper;

namespace Gantry.Runtime.Cli.Tests.Keeper;

public sealed class KeeperRunTests : IAsyncLifetime
{
    private readonly KeeperFixture _fixture = new();
    private ProcessKeeper _keeper = null!;

    public async Task InitializeAsync() => _keeper = await _fixture.StartDaemonAsync();

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task Output_is_logged_by_stream_and_the_exit_recorded()
    {
        var process = await _fixture.RunAsync(_keeper, "a", "echo out; echo err >&2; printf 'no end'; exit 3");
        var exit = await KeeperFixture.EndOf(process);
        Assert.Equal((3, null, true), (exit.ExitCode, exit.Signal, exit.Known));
        var lines = KeeperFixture.LogLines(_fixture.LogPath).ToList();
        Assert.Equal(["out\n", "no end"], lines.Where(l => l.Stream == "stdout").Select(l => l.Text));
        Assert.Equal(["err\n"], lines.Where(l => l.Stream == "stderr").Select(l => l.Text));
        Assert.Equal(exit, StateFiles.ReadExit(Path.Combine(_fixture.Folder, "state-a"), process.Record));
        await _keeper.ForgetAsync("a");
        Assert.Empty(_keeper.Processes);
        Assert.Empty(Directory.GetFiles(Path.Combine(_fixture.Folder, "state-a")));
    }

    [Fact]
    public async Task A_signal_is_reported()
    {
        var process = await _fixture.RunAsync(_keeper, "a", "exec sleep 1000");
        await _keeper.SignalAsync("a", 15);
        var exit = await KeeperFixture.EndOf(process);
        Assert.Equal((143, 15), (exit.ExitCode, exit.Signal));
    }

    [Fact]
    public async Task A_failed_program_names_its_stage()
    {
        var error = await Assert.ThrowsAsync<OsException>(() => _keeper.SpawnAsync(
            new SpawnRequest { Id = "a", Compile = streams => KeeperFixture.Program(streams, "/no/such", "such") }, CancellationToken.None));
        Assert.Equal(("exec /no/such", Errno.ENOENT), (error.Operation, error.Errno));
        Assert.Empty(_keeper.Processes);
        await KeeperFixture.EndOf(await _fixture.RunAsync(_keeper, "a", "true"));
    }

    [Fact]
    public async Task Attached_clients_get_frames_and_a_half_close_ends_the_input()
    {
        var (client, end) = KeeperFixture.Client(stdin: true);
        using var _ = client;
        var process = await _fixture.RunAsync(_keeper, "a", "cat; echo done >&2", new SpawnRequest
        {
            Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true, StdinOnce = true }, Attached = [end],
        });
        await client.SendAsync("hello\n"u8.ToArray());
        client.Shutdown(SocketShutdown.Send);
        var (output, errors) = KeeperFixture.Demultiplex(await KeeperFixture.ReadToEndAsync(client));
        Assert.Equal(("hello\n", "done\n"), (output, errors));
        Assert.Equal(0, (await KeeperFixture.EndOf(process)).ExitCode);
    }

    [Fact]
    public async Task Input_that_is_not_for_once_stays_open_for_the_next_client()
    {
        var request = new SpawnRequest { Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true },
            Log = new LogRequest { Path = _fixture.LogPath } };
        var process = await _fixture.RunAsync(_keeper, "a", "head -n 2", request);
        for (var i = 0; i < 2; i++)
        {
            var (client, end) = KeeperFixture.Client(stdin: true, stdout: false, stderr: false);
            using var _ = client;
            await _keeper.AttachAsync("a", end);
            await client.SendAsync(Encoding.UTF8.GetBytes($"line {i}\n"));
            client.Shutdown(SocketShutdown.Send);
            Assert.Empty(await KeeperFixture.ReadToEndAsync(client));
        }
        await KeeperFixture.EndOf(process);
        Assert.Equal("line 0\nline 1\n", KeeperFixture.LogText(_fixture.LogPath));
    }

    [Fact]
    public async Task A_large_input_goes_through_at_the_reader_s_pace()
    {
        var (client, end) = KeeperFixture.Client(stdin: true);
        using var _ = client;
        var process = await _fixture.RunAsync(_keeper, "a", "sleep 0.2; sha256sum", new SpawnRequest
        {
            Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true, StdinOnce = true }, Attached = [end],
        });
        var data = new byte[5_000_000];
        new Random(1).NextBytes(data);
        var reading = KeeperFixture.ReadToEndAsync(client);
        for (var sent = 0; sent < data.Length;)
            sent += await client.SendAsync(data.AsMemory(sent));
        client.Shutdown(SocketShutdown.Send);
        var (output, errors) = KeeperFixture.Demultiplex(await reading);
        Assert.StartsWith(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(data)), output, StringComparison.Ordinal);
        await KeeperFixture.EndOf(process);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_that_is_gone_before_the_process_runs_has_sent_what_it_has_sent_and_ends_the_input(bool once)
    {
        var (client, end) = KeeperFixture.Client(stdin: true);
        await client.SendAsync("sent\n"u8.ToArray());
        client.Dispose();
        var process = await _fixture.RunAsync(_keeper, "a", once ? "cat; echo end" : "head -n 1; echo end", new SpawnRequest
        {
            Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true, StdinOnce = once }, Log = new LogRequest { Path = _fixture.LogPath },
            Attached = [end],
        });
        await KeeperFixture.EndOf(process);
        Assert.Equal("sent\nend\n", KeeperFixture.LogText(_fixture.LogPath));
    }

    [Fact]
    public async Task A_client_that_goes_while_the_process_writes_to_it_ends_the_input()
    {
        var (client, end) = KeeperFixture.Client(stdin: true);
        var process = await _fixture.RunAsync(_keeper, "a", "while sleep 0.001; do echo x; done & cat; kill $!; echo end", new SpawnRequest
        {
            Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true, StdinOnce = true }, Log = new LogRequest { Path = _fixture.LogPath },
            Attached = [end],
        });
        Assert.NotEqual(0, await client.ReceiveAsync(new byte[1]));
        client.Dispose();
        await KeeperFixture.EndOf(process);
        Assert.EndsWith("x\nend\n", KeeperFixture.LogText(_fixture.LogPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CloseStdin_ends_the_input()
    {
        var process = await _fixture.RunAsync(_keeper, "a", "cat; echo end", new SpawnRequest
        {
            Id = "", Compile = null!, Stdio = new StdioRequest { OpenStdin = true }, Log = new LogRequest { Path = _fixture.LogPath },
        });
        await _keeper.CloseStdinAsync("a");
        await KeeperFixture.EndOf(process);
        Assert.Equal("end\n", KeeperFixture.LogText(_fixture.LogPath));
    }

    [Fact]
    public async Task A_terminal_is_one_raw_stream_with_a_size()
    {
        var (client, end) = KeeperFixture.Client(stdin: true);
        using var _ = client;
        var process = await _fixture.RunAsync(_keeper, "a", "stty size; read x; stty size; echo got $x >&2", new SpawnRequest
        {
            Id = "", Compile = null!, Attached = [end], Log = new LogRequest { Path = _fixture.LogPath },
            Stdio = new StdioRequest { Terminal = true, OpenStdin = true, StdinOnce = true, Size = (31, 91) },
        });
        await KeeperFixture.EventuallyAsync(() =>
            File.Exists(_fixture.LogPath) && KeeperFixture.LogText(_fixture.LogPath).Contains("31 91", StringComparison.Ordinal));
        await _keeper.ResizeAsync("a", 40, 100);
        await client.SendAsync("it\n"u8.ToArray());
        var text = Encoding.UTF8.GetString(await KeeperFixture.ReadToEndAsync(client));
        Assert.Equal("31 91\r\nit\r\n40 100\r\ngot it\r\n", text);
        await KeeperFixture.EndOf(process);
        Assert.Equal(text, KeeperFixture.LogText(_fixture.LogPath));
        Assert.All(KeeperFixture.LogLines(_fixture.LogPath), line => Assert.Equal("stdout", line.Stream));
    }

    [Fact]
    public async Task A_slow_client_holds_the_process_back_and_a_vanished_one_does_not()
    {
        var (client, end) = KeeperFixture.Client();
        var process = await _fixture.RunAsync(_keeper, "a", "seq 1 1000000", new SpawnRequest
        {
            Id = "", Compile = null!, Attached = [end], Log = new LogRequest { Path = _fixture.LogPath },
        });
        await client.ReceiveAsync(new byte[1000]);
        var (size, _) = await _keeper.FlushLogAsync("a");
        Assert.InRange(size, 1, 20_000_000);
        Assert.Null(process.Exit);
        client.Dispose();
        await KeeperFixture.EndOf(process);
        Assert.Equal(1_000_000, File.ReadLines(_fixture.LogPath).Count());
    }

    [Fact]
    public async Task Background_children_that_hold_the_pipes_are_not_waited_for()
    {
        var process = await _fixture.RunAsync(_keeper, "a", "sleep 1000 & echo $!");
        await KeeperFixture.EndOf(process);
        var pid = int.Parse(KeeperFixture.LogText(_fixture.LogPath));
        using var sleeper = Os.Processes.PidFd.TryOpen(pid, out _)!;
        Os.Processes.PidFd.SendSignal(sleeper, 9);
    }

    [Fact]
    public async Task Two_hundred_quick_exits_are_all_told()
    {
        const int count = 200;
        var codes = new int[count];
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            var process = await _keeper.SpawnAsync(
                new SpawnRequest { Id = $"p{i}", Compile = s => KeeperFixture.Shell(s, $"exit {i}") }, CancellationToken.None);
            codes[i] = (await KeeperFixture.EndOf(process)).ExitCode;
            await _keeper.ForgetAsync($"p{i}");
        });
        Assert.Equal(Enumerable.Range(0, count), codes);
        Assert.Empty(_keeper.Processes);
    }

    [Fact]
    public async Task The_same_ID_cannot_run_twice()
    {
        await _fixture.RunAsync(_keeper, "a", "exec sleep 1000");
        var error = await Assert.ThrowsAsync<Oci.GantryException>(() => _fixture.RunAsync(_keeper, "a", "true"));
        Assert.Equal(Oci.ErrorKind.Conflict, error.Kind);
        Assert.Equal(Oci.ErrorKind.Conflict, (await Assert.ThrowsAsync<Oci.GantryException>(() => _keeper.ForgetAsync("a"))).Kind);
        Assert.Equal(Oci.ErrorKind.NotFound, (await Assert.ThrowsAsync<Oci.GantryException>(() => _keeper.SignalAsync("b", 9))).Kind);
    }
}
