using System.Globalization;
using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Planning;

/// <summary>How a container is connected: its mode, and its place in each network.</summary>
/// <param name="project">The project.</param>
internal sealed class NetworkRequests(Project project)
{
    private const string InterfaceName = "com.docker.network.endpoint.ifname";

    /// <summary>The connections of a service's container.</summary>
    public (string Mode, NetworkingConfig? Config) Build(Service service, ContainerPurpose purpose)
    {
        if (service.Text("network_mode") is { Length: > 0 } mode)
            return (mode, null);
        if (project.Networks.Count == 0)
            return ("none", null);
        var names = service.NetworksByPriority is { Count: > 0 } own ? own : ["default"];
        var main = service.Networks.Map(names[0]);
        var address = service.Text("mac_address");
        if (address.Length > 0 && main?.Text("mac_address") is { Length: > 0 } other && other != address)
            throw new ComposeException($"the service-level mac_address should have the same value as network {names[0]}");
        var endpoints = new Dictionary<string, EndpointSettings?>(StringComparer.Ordinal);
        foreach (var name in names)
            endpoints[NameOf(name)] = Endpoint(service, name, purpose, name == names[0] ? address : "");
        return (NameOf(names[0]), new NetworkingConfig { EndpointsConfig = endpoints });
    }

    private string NameOf(string network) => project.Networks.TryGetValue(network, out var found)
        ? found.Text("name")
        : throw new ComposeException($"service refers to undefined network {network}: invalid compose project");

    private EndpointSettings Endpoint(Service service, string name, ContainerPurpose purpose, string macAddress)
    {
        var config = service.Networks.Map(name);
        var options = config?.TextMap("driver_opts") ?? [];
        if (config?.Text("interface_name") is { Length: > 0 } interfaceName)
            options[InterfaceName] = interfaceName;
        return new EndpointSettings
        {
            Aliases = Aliases(service, config, purpose),
            Links = purpose.Links.Count > 0 ? purpose.Links : null,
            IPAMConfig = config is null ? null : new EndpointIPAMConfig
            {
                IPv4Address = config.Text("ipv4_address"),
                IPv6Address = config.Text("ipv6_address"),
                LinkLocalIPs = config.Texts("link_local_ips"),
            },
            MacAddress = config?.Text("mac_address") is { Length: > 0 } own ? own : macAddress,
            DriverOpts = options.Count > 0 ? options : null,
            GwPriority = (int)(config?.Number("gw_priority") ?? 0),
        };
    }

    private List<string> Aliases(Service service, MapValue? config, ContainerPurpose purpose)
    {
        List<string> aliases = [service.Text("container_name") is { Length: > 0 } given
            ? given
            : string.Join(project.Separator, project.Name, service.Name, purpose.Number.ToString(CultureInfo.InvariantCulture))];
        if (purpose.UseAliases)
        {
            aliases.Add(service.Name);
            aliases.AddRange(config?.Texts("aliases") ?? []);
        }
        return aliases;
    }
}
