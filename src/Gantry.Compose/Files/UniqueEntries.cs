using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Files;

/// <summary>Takes doubles out of lists whose entries have a key: the last entry with a key counts, at the place of the first.</summary>
internal static class UniqueEntries
{
    private delegate string Key(Value entry);

    /// <summary>Takes the doubles out of a model.</summary>
    public static void Enforce(MapValue model)
    {
        foreach (var network in model.Maps("networks"))
        {
            Enforce(network, "labels", Name);
            if (network.Map("ipam") is { } ipam)
                Enforce(ipam, "options", Name);
        }
        foreach (var service in model.Maps("services"))
            EnforceService(service);
    }

    private static void EnforceService(MapValue service)
    {
        foreach (var key in (string[])["annotations", "cap_add", "cap_drop", "dns", "dns_opt", "dns_search", "environment", "labels", "links", "profiles",
            "sysctls", "tmpfs"])
            Enforce(service, key, Name);
        Enforce(service, "devices", Device);
        Enforce(service, "configs", static entry => Mount(entry, ""));
        Enforce(service, "secrets", static entry => Mount(entry, "/run/secrets"));
        Enforce(service, "env_file", EnvironmentFile);
        Enforce(service, "expose", static entry => entry.ToString()!);
        Enforce(service, "ports", Port);
        Enforce(service, "volumes", Volume);
        if (service.Map("deploy") is { } deploy)
            Enforce(deploy, "labels", Name);
        if (service.Map("build") is { } build)
            foreach (var key in (string[])["args", "additional_contexts", "platform", "tags", "labels"])
                Enforce(build, key, Name);
        if (service["networks"] is MapValue networks)
        {
            foreach (var network in networks.Entries.Select(static entry => entry.Value).OfType<MapValue>())
            {
                Enforce(network, "aliases", Name);
                Enforce(network, "link_local_ips", Name);
            }
        }
    }

    private static void Enforce(MapValue owner, string name, Key key)
    {
        if (owner.List(name) is not { Items.Count: > 1 } list)
            return;
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var kept = new List<Value>();
        foreach (var entry in list.Items)
        {
            if (places.TryGetValue(key(entry), out var place))
            {
                kept[place] = entry;
                continue;
            }
            places[key(entry)] = kept.Count;
            kept.Add(entry);
        }
        list.Items.Clear();
        list.Items.AddRange(kept);
    }

    private static string Name(Value entry)
    {
        var text = entry.ToString()!;
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? text : text[..equals];
    }

    private static string Device(Value entry)
    {
        if (entry is MapValue map)
            return map.Text("target");
        var parts = entry.ToString()!.Split(':');
        return parts.Length == 1 ? parts[0] : parts[1];
    }

    private static string Mount(Value entry, string folder) => entry is MapValue map
        ? map.Contains("target") ? map.Text("target") : $"{folder}/{map.Text("source")}"
        : $"{folder}/{entry}";

    private static string EnvironmentFile(Value entry) => entry is MapValue map ? map.Text("path") : entry.ToString()!;

    private static string Volume(Value entry)
    {
        if (entry is MapValue map)
            return map.Contains("target") ? map.Text("target") : throw new ComposeException("service volume is missing a mount target");
        return VolumeSyntax.Parse(entry.ToString()!).Text("target");
    }

    private static string Port(Value entry)
    {
        if (entry is not MapValue map)
            return entry.ToString()!;
        if (!map.Contains("target"))
            throw new ComposeException("service ports is missing a target port");
        var host = map.Contains("host_ip") ? map.Text("host_ip") : "0.0.0.0";
        var protocol = map.Contains("protocol") ? map.Text("protocol") : "tcp";
        return $"{host}:{(map.Contains("published") ? map.Text("published") : "<nil>")}:{map.Text("target")}/{protocol}";
    }
}
