using System.Text.Json;
using Gantry.Api.Model;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>Tells the user of what a file asks for that one host cannot give: docker compose passes over it without a word.</summary>
/// <param name="engine">The daemon.</param>
internal sealed class OneHostWarnings(EngineAccess engine)
{
    /// <summary>Looks at all services.</summary>
    public async Task TellAsync(Project project)
    {
        SystemInfo? host = null;
        foreach (var service in project.Services.Values)
        {
            if (service.Definition["credential_spec"] is not null)
                Warn(service, "credential_spec", "service accounts of that kind belong to Windows containers: it has no effect");
            if (service.Map("deploy") is not { } deploy)
                continue;
            if (deploy.Text("mode") is "global-job" or "replicated-job")
                Warn(service, "deploy.mode", $"{deploy.Text("mode")} needs a scheduler: the service is run like any other");
            if (deploy.Text("endpoint_mode") == "vip")
                Warn(service, "deploy.endpoint_mode", "there are no virtual addresses: the service's name resolves to the addresses of its containers");
            if (deploy.Map("placement") is not { } placement)
                continue;
            if (placement.Number("max_replicas_per_node") is > 0 and var most && most < service.Scale)
                Warn(service, "deploy.placement.max_replicas_per_node", $"{service.Scale} replicas are on one host");
            foreach (var constraint in placement.Texts("constraints"))
            {
                host ??= JsonSerializer.Deserialize(await engine.Client.InfoRawAsync().ConfigureAwait(false), ApiJson.Wire.SystemInfo)!;
                if (PlacementConstraint.Holds(constraint, host) is false)
                    Warn(service, "deploy.placement.constraints", $"\"{constraint}\" does not hold for this host, and there is no other");
            }
        }
    }

    private void Warn(Service service, string attribute, string text) =>
        engine.Warn($"{service.WhereOf(attribute.Split('.')[0])}services.{service.Name}.{attribute}: {text}");
}
