using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>Makes, and removes, the networks of a project.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="stopper">Stops containers whose network has to be made anew.</param>
internal sealed class ProjectNetworks(EngineAccess engine, ContainerStopper stopper)
{
    /// <summary>Makes the networks that are missing or are no longer what the files say.</summary>
    /// <param name="project">The project.</param>
    /// <param name="present">The networks that are there.</param>
    /// <returns>The identifiers by name in the model.</returns>
    /// <exception cref="ComposeException">An external network is missing, or a name is taken.</exception>
    public async Task<Dictionary<string, string>> EnsureAsync(Project project, IReadOnlyList<NetworkResource> present)
    {
        var ids = new Dictionary<string, string>(StringComparer.Ordinal);
        await Threads.ForEachAsync(project.Networks, async network =>
        {
            var id = network.Value.Flag("external") ? External(network.Value, present)
                : await EnsureAsync(project, network.Key, network.Value, present).ConfigureAwait(false);
            lock (ids)
                ids[network.Key] = id;
        }).ConfigureAwait(false);
        return ids;
    }

    /// <summary>Removes the networks of a project that nobody uses.</summary>
    public async Task RemoveAsync(Project project)
    {
        var names = project.Networks.Values.Where(static network => !network.Flag("external")).Select(static network => network.Text("name"))
            .ToHashSet(StringComparer.Ordinal);
        if (names.Count == 0)
            return;
        var present = await engine.Client.ListNetworksAsync(new Filters().Add("label", $"{Labels.Project}={project.Name}")).ConfigureAwait(false);
        await Threads.ForEachAsync([.. present.Select(static network => network.Name).Where(names.Contains)], RemoveAsync).ConfigureAwait(false);
    }

    private async Task RemoveAsync(string name)
    {
        var id = $"Network {name}";
        try
        {
            engine.Progress.Working(id, "Removing");
            await engine.Client.RemoveNetworkAsync(name).ConfigureAwait(false);
            engine.Progress.Done(id, "Removed");
        }
        catch (ClientException error) when (error.IsNotFound)
        {
            engine.Progress.Warned(id, "No resource found to remove");
        }
        catch (ClientException error) when (error.Status is 403 or 409)
        {
            engine.Progress.Warned(id, "Resource is still in use");
        }
    }

    private static string External(MapValue network, IReadOnlyList<NetworkResource> present)
    {
        var name = network.Text("name");
        var found = present.Where(other => other.Name == name || other.Id == name).ToArray();
        return found.Length switch
        {
            1 => found[0].Id,
            0 => throw new ComposeException($"network {name} declared as external, but could not be found"),
            _ => throw new ComposeException($"multiple networks with name \"{name}\" were found. Use network ID as `name` to avoid ambiguity"),
        };
    }

    private async Task<string> EnsureAsync(Project project, string key, MapValue network, IReadOnlyList<NetworkResource> present)
    {
        var name = network.Text("name");
        var hash = ConfigHash.OfNetwork(network);
        IReadOnlyList<string> dangling = [];
        if (present.FirstOrDefault(other => other.Name == name) is { } found)
        {
            CheckOwner(project, key, name, found);
            if (found.Labels.GetValueOrDefault(Labels.ConfigHash, "") is var actual && (actual.Length == 0 || actual == hash))
                return found.Id;
            dangling = await RemoveDivergedAsync(project, key, name).ConfigureAwait(false);
        }
        var id = $"Network {name}";
        engine.Progress.Working(id, "Creating");
        var created = await CreateAsync(project, key, network, hash).ConfigureAwait(false);
        engine.Progress.Done(id, "Created");
        foreach (var container in dangling)
            await engine.Client.ConnectNetworkAsync(name, new NetworkConnectRequest { Container = container }).ConfigureAwait(false);
        return created;
    }

    private void CheckOwner(Project project, string key, string name, NetworkResource found)
    {
        if (!found.Labels.TryGetValue(Labels.Project, out var owner))
            engine.Warn($"a network with name {name} exists but was not created by compose.\nSet `external: true` to use an existing network");
        else if (owner != project.Name)
            engine.Warn($"a network with name {name} exists but was not created for project \"{project.Name}\".\nSet `external: true` to use an existing network");
        if (found.Labels.GetValueOrDefault(Labels.Network, "") is var label && label != key)
            throw new ComposeException($"network {name} was found but has incorrect label {Labels.Network} set to \"{label}\" (expected: \"{key}\")");
    }

    private async Task<string> CreateAsync(Project project, string key, MapValue network, string hash)
    {
        var name = network.Text("name");
        var labels = network.TextMap("labels");
        (labels[Labels.Network], labels[Labels.Project], labels[Labels.Version], labels[Labels.ConfigHash]) = (key, project.Name, Labels.ComposeVersion, hash);
        try
        {
            var response = await engine.Client.CreateNetworkAsync(new NetworkCreateRequest
            {
                Name = name,
                Driver = network.Text("driver"),
                Options = network.TextMap("driver_opts"),
                Internal = network.Flag("internal"),
                Attachable = network.Flag("attachable"),
                EnableIPv4 = network["enable_ipv4"] is null ? null : network.Flag("enable_ipv4"),
                EnableIPv6 = network["enable_ipv6"] is null ? null : network.Flag("enable_ipv6"),
                IPAM = Addresses(network.Map("ipam")),
                Labels = labels,
            }).ConfigureAwait(false);
            return response.Id;
        }
        catch (ClientException error)
        {
            engine.Progress.Failed($"Network {name}", "Error");
            throw new ComposeException($"failed to create network {name}: Error response from daemon: {error.Message}");
        }
    }

    private static NetworkIpam? Addresses(MapValue? ipam) =>
        ipam is null || ipam.Text("driver").Length == 0 && ipam.List("config") is null ? null : new NetworkIpam
    {
        Driver = ipam.Text("driver"),
        Config = [.. ipam.Maps("config").Select(static pool => new NetworkIpamConfig
        {
            Subnet = pool.Text("subnet"),
            IPRange = pool.Text("ip_range"),
            Gateway = pool.Text("gateway"),
            AuxiliaryAddresses = pool.TextMap("aux_addresses"),
        })],
    };

    // The containers stay; they are connected to the new network under the same name.
    private async Task<IReadOnlyList<string>> RemoveDivergedAsync(Project project, string key, string name)
    {
        var services = project.Services.Values.Where(service => service.Networks.Contains(key)).Select(static service => service.Name).ToArray();
        var containers = (await engine.ListAsync(project.Name, false, all: true).ConfigureAwait(false))
            .Where(container => services.Contains(container.ServiceName())).ToArray();
        await Threads.ForEachAsync(containers, container => stopper.StopAsync(container, project.Services[container.ServiceName()], null))
            .ConfigureAwait(false);
        foreach (var container in containers)
            await engine.Client.DisconnectNetworkAsync(name, new NetworkDisconnectRequest { Container = container.Id, Force = true }).ConfigureAwait(false);
        await engine.Client.RemoveNetworkAsync(name).ConfigureAwait(false);
        engine.Progress.Done($"Network {name}", "Removed");
        return [.. containers.Select(static container => container.Id)];
    }
}
