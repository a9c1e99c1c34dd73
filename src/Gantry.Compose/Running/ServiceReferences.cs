using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>What a service shares with others by their names: the daemon knows only containers.</summary>
/// <param name="state">The containers that are there, by service.</param>
internal sealed class ServiceReferences(ObservedState state)
{
    /// <summary>A copy of a service in which references to other services are references to their containers.</summary>
    /// <exception cref="ComposeException">The other service has no container.</exception>
    public Service Resolve(Service service)
    {
        var resolved = service.Clone();
        foreach (var (key, what) in ((string, string)[])[("network_mode", "network namespace"), ("ipc", "IPC namespace"), ("pid", "PID namespace")])
        {
            if (service.Text(key) is var mode && mode.StartsWith("service:", StringComparison.Ordinal))
                resolved.Definition[key] = ScalarValue.Of("container:" + First(mode["service:".Length..], $"cannot share {what}").Id);
        }
        var sources = service.Definition.Texts("volumes_from");
        if (sources.Count > 0)
        {
            resolved.Definition["volumes_from"] = ListValue.Of(sources.Select(source => source.Split(':') is ["container", var name, ..]
                ? name
                : First(source.Split(':')[0], "cannot share volume").Id));
        }
        return resolved;
    }

    private ContainerSummary First(string service, string problem) =>
        state.Of(service).OrderBy(static container => container.Name(), StringComparer.Ordinal).FirstOrDefault()
        ?? throw new ComposeException($"{problem} with service {service}: container missing");
}
