using System.Net;
using System.Net.Sockets;
using Gantry.Dns.Messages;
using Gantry.Os;
using Gantry.Os.Processes;
using Gantry.Os.Sockets;
using Gantry.Runtime.NetHelper;
using static Gantry.Runtime.Cli.Tests.NetHelper.NetHelperFixture;

namespace Gantry.Runtime.Cli.Tests.NetHelper;

/// <summary>What goes on when the daemon or the helper dies, and when the helper goes by itself.</summary>
public class NetHelperSurvivalTests
{
    [Fact]
    public async Task Names_resolve_while_no_daemon_is_there_and_the_next_one_goes_on()
    {
        await using var fixture = new NetHelperFixture();
        var first = fixture.StartDaemon();
        var inside = fixture.CreateNamespace();
        await first.ServeAsync(Container("c1"), inside, default);
        await first.PublishAsync(Names("c1", "10.0.0.2", "web"), default);
        await first.PublishAsync(Names("c2", "10.0.0.3", "db"), default);
        var process = first.ProcessId;
        first.Dispose();
        Assert.Equal("10.0.0.2", Address(Ask(inside, "web")));

        var second = fixture.StartDaemon();
        await second.AdoptAsync(default);
        Assert.Equal(process, second.ProcessId);
        Assert.Equal(["c1"], second.Containers);
        await second.RetainAsync(new HashSet<string> { "c1" }, default);
        await second.PublishAsync(Names("c3", "10.0.0.4", "new"), default);
        Assert.Equal("10.0.0.4", Address(Ask(inside, "new")));
        Assert.Equal(DnsResponseCode.ServerFailure, Ask(inside, "db").Code);
    }

    [Fact]
    public async Task A_helper_that_is_killed_is_replaced_with_its_sockets()
    {
        await using var fixture = new NetHelperFixture();
        using var server = new FakeNameServer(IPAddress.Loopback, static (answer, _) => FakeNameServer.AddressOf(answer));
        var daemon = fixture.StartDaemon();
        var inside = fixture.CreateNamespace();
        await daemon.ServeAsync(Container("c1", "n1", server.FromHost), inside, default);
        await daemon.PublishAsync(Names("c1", "10.0.0.2", "web"), default);
        for (var round = 0; round < 3; round++)
        {
            var died = new TaskCompletionSource<Exception?>();
            daemon.Died += (_, error) => died.TrySetResult(error);
            var process = daemon.ProcessId!.Value;
            Kill(process);
            // Questions that come meanwhile lie in the socket until the next helper reads them.
            Assert.Equal("10.0.0.2", Address(Ask(inside, "web")));
            Assert.Equal("192.0.2.6", Address(Ask(inside, "a.test")));
            Assert.Equal("10.0.0.2", Address(AskByStream(inside, "web").Single()));
            Assert.Null(await died.Task.WaitAsync(TimeSpan.FromSeconds(60)));
            Assert.NotEqual(process, daemon.ProcessId);
        }
    }

    [Fact]
    public async Task A_daemon_that_adopts_has_what_a_successor_needs()
    {
        await using var fixture = new NetHelperFixture();
        var first = fixture.StartDaemon();
        var inside = fixture.CreateNamespace();
        await first.ServeAsync(Container("c1"), inside, default);
        await first.PublishAsync(Names("c1", "10.0.0.2", "web"), default);
        first.Dispose();
        var second = fixture.StartDaemon();
        await second.AdoptAsync(default);
        Kill(second.ProcessId!.Value);
        Assert.Equal("10.0.0.2", Address(Ask(inside, "web")));
    }

    [Fact]
    public async Task A_daemon_of_another_version_takes_all_over_from_the_old_helper()
    {
        await using var fixture = new NetHelperFixture();
        var first = fixture.StartDaemon();
        var inside = fixture.CreateNamespace();
        await first.ServeAsync(Container("c1"), inside, default);
        await first.PublishAsync(Names("c1", "10.0.0.2", "web"), default);
        var (socket, _) = PortReservation.TryReserve(IPAddress.Loopback, 0, protocol: 6, out var _)!.Value;
        await first.HoldAsync("port", [socket], default);
        socket.Dispose();
        using var old = PidFd.TryOpen(first.ProcessId!.Value, out _)!;
        first.Dispose();

        var upgraded = Path.Combine(fixture.Folder, "upgraded");
        File.WriteAllText(upgraded, $"#!/bin/sh\nexec {NetHelperFixture.Binary} \"$@\"\n");
        File.SetUnixFileMode(upgraded, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        var second = fixture.StartDaemon(upgraded);
        await second.AdoptAsync(default);
        Assert.Equal(["c1"], second.Containers);
        Assert.Equal(["port"], second.Held);
        Assert.Equal("10.0.0.2", Address(Ask(inside, "web")));
        await Keeper.KeeperFixture.EventuallyAsync(() =>
        {
            PidFd.Reap(old);
            return PidFd.SendSignal(old, 0) == Errno.ESRCH;
        });
        Assert.Equal("10.0.0.2", Address(Ask(inside, "web")));
        Assert.Equal("10.0.0.2", Address(AskByStream(inside, "web").Single()));
        Assert.Equal(1, (await second.StatusAsync())!.Held);
    }

    [Fact]
    public async Task It_leaves_when_nothing_is_left_to_do()
    {
        await using var fixture = new NetHelperFixture();
        var daemon = fixture.StartDaemon();
        await daemon.AdoptAsync(default);
        Assert.Null(daemon.ProcessId);
        Assert.Null(await daemon.StatusAsync());
        var inside = fixture.CreateNamespace();
        await daemon.ServeAsync(Container("c1"), inside, default);
        await daemon.StopServingAsync("c1", default);
        using var process = PidFd.TryOpen(daemon.ProcessId!.Value, out _)!;
        daemon.Dispose();
        await Keeper.KeeperFixture.EventuallyAsync(() =>
        {
            PidFd.Reap(process);
            return PidFd.SendSignal(process, 0) == Errno.ESRCH;
        });
        Assert.Empty(Directory.GetFiles(fixture.Folder, "nethelper-*.sock"));
    }

    [Fact]
    public async Task Sockets_that_are_held_outlive_the_daemon()
    {
        await using var fixture = new NetHelperFixture();
        var first = fixture.StartDaemon();
        var (socket, port) = PortReservation.TryReserve(IPAddress.Loopback, 0, protocol: 6, out _)!.Value;
        await first.HoldAsync("port", [socket], default);
        socket.Dispose();
        first.Dispose();
        Assert.Null(PortReservation.TryReserve(IPAddress.Loopback, port, protocol: 6, out var error));
        Assert.Equal(Errno.EADDRINUSE, error);

        var second = fixture.StartDaemon();
        await second.AdoptAsync(default);
        Assert.Equal(["port"], second.Held);
        Kill(second.ProcessId!.Value);
        Assert.Null(PortReservation.TryReserve(IPAddress.Loopback, port, protocol: 6, out _));
        await second.ReleaseAsync("port", default);
        var (again, _) = PortReservation.TryReserve(IPAddress.Loopback, port, protocol: 6, out _)!.Value;
        again.Dispose();
    }
}
