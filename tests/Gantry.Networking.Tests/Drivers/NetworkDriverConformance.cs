using Gantry.Networking.Drivers;
using Gantry.Oci;
using Gantry.Os;

namespace Gantry.Networking.Tests.Drivers;

/// <summary>What every driver must do, whatever its networks are. A driver's own tests derive from this.</summary>
public abstract class NetworkDriverConformance
{
    private static readonly EndpointRequest Request = new() { ContainerId = new string('c', 64), ContainerName = "c" };

    /// <summary>A driver as the engine would make it.</summary>
    protected abstract INetworkDriver NewDriver();

    /// <summary>A network that the driver accepts.</summary>
    protected abstract Network NewNetwork();

    /// <summary>A container's network namespace; null for drivers that need none.</summary>
    protected virtual Fd? NewNamespace() => null;

    /// <summary>Runs a test where it can make interfaces without the host's noticing.</summary>
    protected virtual Task OnHostAsync(Func<Task> test) => test();

    [Fact]
    public void It_accepts_its_network_and_a_plain_endpoint()
    {
        var driver = NewDriver();
        var network = NewNetwork();
        Assert.Equal(driver.Name, network.Driver);
        driver.Validate(network);
        driver.Validate(network, Request);
    }

    [Fact]
    public void A_malformed_address_is_refused_before_anything_happens()
    {
        var error = Assert.Throws<GantryException>(() => NewDriver().Validate(NewNetwork(), Request with { IPv4Address = "not an address" }));
        Assert.Equal(ErrorKind.InvalidArgument, error.Kind);
    }

    [Fact]
    public Task Creating_twice_and_deleting_twice_is_no_error() => OnHostAsync(async () =>
    {
        var driver = NewDriver();
        var network = driver.Complete(NewNetwork(), []);
        await driver.CreateAsync(network, CancellationToken.None);
        await driver.CreateAsync(network, CancellationToken.None);
        await driver.DeleteAsync(network, CancellationToken.None);
        await driver.DeleteAsync(network, CancellationToken.None);
    });

    [Fact]
    public Task What_was_completed_is_complete() => OnHostAsync(() =>
    {
        var driver = NewDriver();
        var network = driver.Complete(NewNetwork(), []);
        driver.Validate(network);
        Assert.Equal(NewNetwork().Name, network.Name);
        return Task.CompletedTask;
    });

    [Fact]
    public Task An_endpoint_says_whose_it_is_and_survives_a_new_daemon() => OnHostAsync(async () =>
    {
        var first = NewDriver();
        var network = first.Complete(NewNetwork(), []);
        using var container = NewNamespace();
        await first.CreateAsync(network, CancellationToken.None);
        var endpoint = await first.AttachAsync(network, NetworkStore.NewId(), Request, container, CancellationToken.None);
        Assert.Equal(network.Id, endpoint.NetworkId);
        Assert.Equal(Request.ContainerId, endpoint.ContainerId);

        var second = NewDriver();
        await second.CreateAsync(network, CancellationToken.None);
        await second.RestoreAsync(network, endpoint, CancellationToken.None);
        await second.DetachAsync(network, endpoint, null, CancellationToken.None);
        await second.DetachAsync(network, endpoint, null, CancellationToken.None);
        await second.DeleteAsync(network, CancellationToken.None);
    });
}

public class NoneDriverTests : NetworkDriverConformance
{
    protected override INetworkDriver NewDriver() => new NoneDriver();

    protected override Network NewNetwork() => new() { Id = NetworkStore.NewId(), Name = "none", Driver = "null", CreatedAt = DateTimeOffset.UtcNow };

    [Fact]
    public void Its_containers_have_their_own_namespace() => Assert.Equal(NamespaceOwner.Container, NewDriver().NamespaceOwner);
}

public class HostDriverTests : NetworkDriverConformance
{
    protected override INetworkDriver NewDriver() => new HostDriver();

    protected override Network NewNetwork() => new() { Id = NetworkStore.NewId(), Name = "host", Driver = "host", CreatedAt = DateTimeOffset.UtcNow };

    [Fact]
    public void Its_containers_are_in_the_hosts_namespace() => Assert.Equal(NamespaceOwner.Host, NewDriver().NamespaceOwner);
}
