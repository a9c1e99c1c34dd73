using System.Net;
using Gantry.Compose.Values;

namespace Gantry.Compose.Validation;

/// <summary>What must hold within single elements of a model beyond what the schema can say.</summary>
internal static class ModelRules
{
    /// <summary>Checks a model in its long form.</summary>
    /// <exception cref="ComposeException">A rule is broken.</exception>
    public static void Check(MapValue model)
    {
        foreach (var (name, value) in Named(model, "volumes"))
            CheckExternal(value, $"volumes.{name}");
        foreach (var (name, value) in Named(model, "configs"))
            CheckSource(value, $"configs.{name}", "file", "environment", "content");
        foreach (var (name, value) in Named(model, "secrets"))
            CheckSource(value, $"secrets.{name}", "file", "environment");
        foreach (var (name, service) in Named(model, "services"))
            CheckService(service, $"services.{name}");
    }

    private static IEnumerable<(string Name, MapValue Value)> Named(MapValue model, string key) =>
        model.Map(key) is { } map ? map.Entries.Where(static entry => entry.Value is MapValue).Select(static entry => (entry.Key, (MapValue)entry.Value)) : [];

    private static void CheckService(MapValue service, string path)
    {
        foreach (var port in service.Maps("ports"))
            if (port.Contains("host_ip") && !IPAddress.TryParse(port.Text("host_ip"), out _))
                throw Broken(port, $"{path}.ports.[]: invalid ip address: {port.Text("host_ip")}");
        foreach (var watch in service.Map("develop")?.Maps("watch") ?? [])
            if (watch.Contains("path") && watch.Text("path").Length == 0)
                throw Broken(watch, $"{path}.develop.watch.[].path: value can't be blank");
        var reserved = service.Map("deploy")?.Map("resources")?.Map("reservations")?.Maps("devices") ?? [];
        foreach (var device in reserved)
            CheckDevice(device, $"{path}.deploy.resources.reservations.devices.[]");
        foreach (var device in service.Maps("gpus"))
            CheckDevice(device, $"{path}.gpus.[]");
    }

    private static void CheckDevice(MapValue device, string path)
    {
        if (device.Contains("count") && device.Contains("device_ids"))
            throw Broken(device, $"{path}: \"count\" and \"device_ids\" attributes are exclusive");
    }

    private static void CheckExternal(MapValue resource, string path)
    {
        if (!resource.Flag("external"))
            return;
        var other = resource.Keys.FirstOrDefault(static key => key is not ("name" or "external") && !key.StartsWith("x-", StringComparison.Ordinal));
        if (other is not null)
            throw Broken(resource, $"{path}: conflicting parameters \"external\" and \"{other}\" specified");
    }

    private static void CheckSource(MapValue resource, string path, params string[] keys)
    {
        var count = keys.Count(resource.Contains);
        if (count > 1)
            throw Broken(resource, $"{path}: {string.Join('|', keys)} attributes are mutually exclusive");
        if (count == 0 && !resource.Contains("driver") && !resource.Contains("external"))
            throw Broken(resource, $"{path}: one of {string.Join('|', keys)} must be set");
    }

    private static ComposeException Broken(MapValue at, string message) =>
        new(at.At.Prefix + message);
}
