using Gantry.Compose.Values;

namespace Gantry.Compose.Model;

/// <summary>Fills in what a model leaves out and the specification defines.</summary>
internal static class Defaults
{
    /// <summary>Changes a model in its long form.</summary>
    public static void Apply(MapValue model)
    {
        foreach (var service in model.Maps("services"))
        {
            if (service.Map("build") is { } build)
                Set(build, "context", ".");
            foreach (var secret in service.Maps("secrets"))
                Set(secret, "target", $"/run/secrets/{secret.Text("source")}");
            foreach (var port in service.Maps("ports"))
            {
                Set(port, "protocol", "tcp");
                Set(port, "mode", "ingress");
            }
            var reserved = service.Map("deploy")?.Map("resources")?.Map("reservations")?.Maps("devices") ?? [];
            foreach (var device in reserved.Concat(service.Maps("gpus")))
                if (!device.Contains("count") && !device.Contains("device_ids"))
                    Set(device, "count", "all");
        }
    }

    private static void Set(MapValue map, string key, string value)
    {
        if (!map.Contains(key))
            map[key] = ScalarValue.Of(value, map.At);
    }
}
