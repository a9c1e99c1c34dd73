using Gantry.Engine.Containers;
using Gantry.Engine.Networks;
using Gantry.Oci;

namespace Gantry.Engine.Spec;

/// <summary>
/// Links of docker's first days, on the network <c>bridge</c>, which has no names: a container finds another by a line of its <c>/etc/hosts</c> and
/// by environment variables. On users' networks a link is a name that the net helper tells.
/// </summary>
/// <param name="registry">Where the linked containers are found.</param>
internal sealed class ContainerLinks(ContainerRegistry registry)
{
    private const string Bridge = "bridge";

    /// <summary>Reads <c>name:alias</c>, <c>name</c> alone, or the form of inspect, <c>/name:/user/alias</c>.</summary>
    /// <exception cref="GantryException">It is malformed.</exception>
    public static (string Name, string Alias) Parse(string link)
    {
        var parts = link.Split(':');
        if (parts.Length > 2 || parts[0].Length == 0)
            throw GantryException.Invalid($"bad format for links: {link}");
        var name = parts[0].TrimStart('/');
        return (name, parts.Length == 1 ? name : parts[1][(parts[1].LastIndexOf('/') + 1)..]);
    }

    /// <summary>The lines of <c>/etc/hosts</c>.</summary>
    /// <exception cref="GantryException">A linked container does not exist or does not run.</exception>
    public IEnumerable<string> Hosts(Container container) => Of(container)
        .Select(link => $"{link.Address}\t{Names(link.Target, link.Alias)}");

    /// <summary>The names of a linked container in <c>/etc/hosts</c>.</summary>
    public static string Names(Container target, string alias) => string.Join(' ', new[] { alias, target.Config.Hostname, target.Name }.Distinct());

    /// <summary>The environment variables: where each exposed port is, and the other's own variables.</summary>
    /// <exception cref="GantryException">A linked container does not exist or does not run.</exception>
    public IEnumerable<string> Environment(Container container)
    {
        foreach (var (target, alias, address) in Of(container))
        {
            var prefix = alias.ToUpperInvariant().Replace('-', '_');
            var ports = (target.Config.ExposedPorts?.Keys ?? []).SelectMany(PortRequests.ParseExposed).Order().ToList();
            for (var i = 0; i < ports.Count; i++)
            {
                var protocol = ports[i].Protocol.ToString().ToLowerInvariant();
                var url = $"{protocol}://{address}:{ports[i].Port}";
                var name = $"{prefix}_PORT_{ports[i].Port}_{protocol.ToUpperInvariant()}";
                if (i == 0)
                    yield return $"{prefix}_PORT={url}";
                yield return $"{name}={url}";
                yield return $"{name}_ADDR={address}";
                yield return $"{name}_PORT={ports[i].Port}";
                yield return $"{name}_PROTO={protocol}";
            }
            yield return $"{prefix}_NAME=/{container.Name}/{alias}";
            foreach (var variable in (target.Config.Env ?? [])
                .Where(variable => !variable.StartsWith("PATH=", StringComparison.Ordinal) && !variable.StartsWith("HOME=", StringComparison.Ordinal)))
                yield return $"{prefix}_ENV_{variable}";
        }
    }

    private IEnumerable<(Container Target, string Alias, string Address)> Of(Container container)
    {
        if (container.HostConfig.NetworkMode != Bridge)
            yield break;
        foreach (var link in container.HostConfig.Links ?? [])
        {
            var (name, alias) = Parse(link);
            if (!registry.TryGet(name, out var target))
                throw GantryException.NotFound($"could not get container for {name}: No such container: {name}");
            var endpoint = target.Endpoints.FirstOrDefault(endpoint => endpoint.NetworkName == Bridge)
                ?? throw GantryException.Invalid($"Cannot link to a non running container: /{target.Name} AS /{container.Name}/{alias}");
            yield return (target, alias, endpoint.IPv4Address.Split('/')[0]);
        }
    }
}
