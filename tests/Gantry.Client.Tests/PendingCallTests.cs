using Gantry.Client.Connections;

namespace Gantry.Client.Tests;

public class PendingCallTests
{
    private static EngineClient Connect(FakeDaemon daemon) => new(new EngineConnector(EngineAddress.Parse(daemon.Address), tls: null, blocking: true));

    [Fact]
    public async Task Questions_are_under_way_at_once()
    {
        // The daemon answers none before it has all three.
        using var all = new CountdownEvent(3);
        using var daemon = new FakeDaemon((request, connection) =>
        {
            all.Signal();
            return all.Wait(TimeSpan.FromSeconds(20)) && connection.Send(
                FakeDaemon.Response(200, request.Target.Contains("/images/", StringComparison.Ordinal) ? """{"Id":"sha256:1"}""" : "[]")) > 0;
        });
        using var client = Connect(daemon);
        using var containers = await client.BeginListContainersAsync(all: true, null, size: false, null);
        using var networks = await client.BeginListNetworksAsync();
        using var image = await client.BeginInspectImageAsync("busybox");
        Assert.Equal("sha256:1", (await image.ReadAsync()).Id);
        Assert.Empty(await networks.ReadAsync());
        Assert.Empty(await containers.ReadAsync());
        Assert.Equal(3, daemon.Connections);
    }

    [Fact]
    public async Task Each_is_asked_again_in_the_version_that_an_older_daemon_speaks()
    {
        using var daemon = new FakeDaemon((request, connection) => connection.Send(request.Target.StartsWith("/v1.41/", StringComparison.Ordinal)
            ? FakeDaemon.Response(200, "[]")
            : FakeDaemon.Response(400, """{"message":"client version 1.51 is too new. Maximum supported API version is 1.41"}""")) > 0);
        using var client = Connect(daemon);
        using var first = await client.BeginListNetworksAsync();
        using var second = await client.BeginListNetworksAsync();
        Assert.Empty(await first.ReadAsync());
        Assert.Empty(await second.ReadAsync());
        Assert.Equal("1.41", client.ApiVersion);
    }

    [Fact]
    public async Task A_refusal_is_told_when_the_answer_is_read()
    {
        using var daemon = new FakeDaemon((_, connection) => connection.Send(FakeDaemon.Response(404, """{"message":"No such image: x"}""")) > 0);
        using var client = Connect(daemon);
        using var image = await client.BeginInspectImageAsync("x");
        var error = await Assert.ThrowsAsync<ClientException>(() => image.ReadAsync());
        Assert.True(error.IsNotFound);
    }

    [Fact]
    public async Task A_kept_connection_that_the_daemon_has_closed_meanwhile_is_replaced()
    {
        var answers = 0;
        using var daemon = new FakeDaemon((_, connection) => connection.Send(FakeDaemon.Response(200, "[]")) > 0 && Interlocked.Increment(ref answers) != 1);
        using var client = Connect(daemon);
        Assert.Empty(await client.ListNetworksAsync(null));
        using var pending = await client.BeginListNetworksAsync();
        Assert.Empty(await pending.ReadAsync());
        Assert.Equal(2, daemon.Connections);
    }
}
