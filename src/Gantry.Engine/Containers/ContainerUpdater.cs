using Gantry.Api.Model;
using Gantry.Engine.Create;
using Gantry.Engine.Spec;
using Gantry.Oci;

namespace Gantry.Engine.Containers;

/// <summary>Changes a container's limits and restart policy, also while it runs.</summary>
public sealed class ContainerUpdater
{
    private readonly ContainerFolder _folder;
    private readonly ContainerEvents _events;

    internal ContainerUpdater(ContainerFolder folder, ContainerEvents events)
    {
        _folder = folder;
        _events = events;
    }

    /// <summary>Applies what is given; what is zero or empty stays as it is.</summary>
    /// <exception cref="GantryException">A limit is out of range (InvalidArgument), or the container is being removed (Conflict).</exception>
    public async Task UpdateAsync(Container container, ContainerUpdateRequest update, CancellationToken cancellation)
    {
        using var gate = await ContainerGate.EnterAsync(container, cancellation);
        if (container.State.Status is ContainerStatus.Removing or ContainerStatus.Dead)
            throw GantryException.Conflict($"Cannot update container {container.Id}: Container is marked for removal and cannot be \"update\".");

        if (update is { Memory: > 0, MemorySwap: 0 } && container.HostConfig.MemorySwap > 0 && update.Memory > container.HostConfig.MemorySwap)
            throw GantryException.Conflict(
                $"Cannot update container {container.Id}: Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time");
        var host = Merge(container.HostConfig, update);
        ConfigValidator.Check(container.Config with { Healthcheck = null, Hostname = "" }, host, container.Networking);
        // The rules of devices stay what they were set to at the start.
        container.Run?.Cgroup.Update(SpecResources.Build(host, []) with { Devices = null });

        var document = container.Document with { HostConfig = host };
        _folder.WriteDocument(document);
        container.Document = document;
        _folder.WriteState(container); // With a restart policy it has to outlive a power cut, too.
        _events.Publish(container, "update");
    }

    private static HostConfig Merge(HostConfig host, ContainerUpdateRequest update) => host with
    {
        CpuShares = Given(update.CpuShares, host.CpuShares),
        Memory = Given(update.Memory, host.Memory),
        NanoCpus = Given(update.NanoCpus, host.NanoCpus),
        BlkioWeight = update.BlkioWeight != 0 ? update.BlkioWeight : host.BlkioWeight,
        CpuPeriod = Given(update.CpuPeriod, host.CpuPeriod),
        CpuQuota = Given(update.CpuQuota, host.CpuQuota),
        CpuRealtimePeriod = Given(update.CpuRealtimePeriod, host.CpuRealtimePeriod),
        CpuRealtimeRuntime = Given(update.CpuRealtimeRuntime, host.CpuRealtimeRuntime),
        CpusetCpus = update.CpusetCpus.Length > 0 ? update.CpusetCpus : host.CpusetCpus,
        CpusetMems = update.CpusetMems.Length > 0 ? update.CpusetMems : host.CpusetMems,
        MemoryReservation = Given(update.MemoryReservation, host.MemoryReservation),
        MemorySwap = Given(update.MemorySwap, host.MemorySwap),
        PidsLimit = update.PidsLimit ?? host.PidsLimit,
        RestartPolicy = update.RestartPolicy.Name.Length > 0 ? update.RestartPolicy : host.RestartPolicy,
    };

    private static long Given(long update, long present) => update != 0 ? update : present;
}
