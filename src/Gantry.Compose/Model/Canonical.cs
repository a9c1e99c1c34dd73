using Gantry.Compose.Values;

namespace Gantry.Compose.Model;

/// <summary>Brings what has a short form to its long form, so that everything after this knows only one.</summary>
/// <param name="keepMalformed">Whether a short form that cannot be read stays as it is: with variables in it, it need not be one yet.</param>
/// <param name="warn">Takes messages for the user.</param>
internal sealed class Canonical(bool keepMalformed, Action<string> warn)
{
    /// <summary>Changes a model.</summary>
    /// <exception cref="ComposeException">A short form is malformed.</exception>
    public void Apply(MapValue model)
    {
        foreach (var service in model.Maps("services"))
            ApplyToService(service);
        foreach (var kind in (string[])["volumes", "networks", "secrets", "configs"])
            if (model.Map(kind) is { } resources)
                foreach (var (name, value) in resources.Entries)
                    if (value is MapValue resource)
                        External(resource, $"{kind}.{name}");
    }

    private void ApplyToService(MapValue service)
    {
        if (service["build"] is { } build)
            service["build"] = Build(build);
        Change(service, "depends_on", DependsOn);
        Change(service, "env_file", static value =>
            Each(ToList(value), static file => file is MapValue map ? WithDefault(map, "required", true) : FileEntry(file)));
        Change(service, "label_file", ToList);
        Change(service, "extends", static value => value is MapValue ? value : Single("service", value));
        Change(service, "gpus", static value => value is ListValue ? value : AllDevices(value.At));
        Change(service, "networks", NamesToMap);
        Change(service, "models", NamesToMap);
        Change(service, "dns", ToList);
        Change(service, "volumes", value => Each(value, Volume));
        Change(service, "devices", value => Each(value, Device));
        Change(service, "secrets", value => Each(value, static mount => mount is MapValue ? mount : Single("source", mount)));
        Change(service, "configs", value => Each(value, static mount => mount is MapValue ? mount : Single("source", mount)));
        Change(service, "ports", Ports);
        if (service.Map("develop")?.List("watch") is { } watches)
        {
            foreach (var watch in watches.Items.OfType<MapValue>())
            {
                Change(watch, "ignore", ToList);
                Change(watch, "include", ToList);
            }
        }
    }

    private static void Change(MapValue owner, string key, Func<Value, Value> change)
    {
        if (owner[key] is { } value && change(value) is var changed && !ReferenceEquals(value, changed))
            owner[key] = changed;
    }

    private MapValue Build(Value value)
    {
        if (value is not MapValue build)
            return Single("context", value);
        Change(build, "secrets", static list => Each(list, static mount => mount is MapValue ? mount : Single("source", mount)));
        Change(build, "provenance", static option => ScalarValue.Of(option.ToString()!, option.At));
        Change(build, "sbom", static option => ScalarValue.Of(option.ToString()!, option.At));
        Change(build, "no_cache_filter", ToList);
        Change(build, "additional_contexts", KeyValues);
        Change(build, "ssh", SshKeys);
        return build;
    }

    private Value KeyValues(Value value)
    {
        if (value is not ListValue list)
            return value;
        var map = new MapValue(value.At);
        foreach (var item in list.Items)
        {
            var text = item.ToString()!;
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                return keepMalformed ? value : throw new ComposeException($"additional_contexts: invalid value {text}, expected key=value");
            map.Set(text[..equals], ScalarValue.Of(text[(equals + 1)..], item.At), item.At);
        }
        return map;
    }

    private static Value SshKeys(Value value)
    {
        if (value is not ListValue list)
            return value;
        var map = new MapValue(value.At);
        foreach (var item in list.Items)
        {
            var text = item.ToString()!;
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 && text != "default")
                throw new ComposeException($"invalid ssh key \"{text}\"");
            map.Set(equals < 0 ? text : text[..equals], equals < 0 ? ScalarValue.Null(item.At) : ScalarValue.Of(text[(equals + 1)..], item.At), item.At);
        }
        return map;
    }

    private static Value DependsOn(Value value)
    {
        var map = value as MapValue ?? new MapValue(value.At);
        if (value is ListValue list)
            foreach (var name in list.Items)
                map.Set(name.ToString()!, new MapValue(name.At), name.At);
        foreach (var (_, entry) in map.Entries)
        {
            if (entry is not MapValue dependency)
                continue;
            if (!dependency.Contains("condition"))
                dependency["condition"] = ScalarValue.Of("service_started", entry.At);
            WithDefault(dependency, "required", true);
        }
        return map;
    }

    private static MapValue FileEntry(Value file)
    {
        var entry = Single("path", file);
        entry["required"] = ScalarValue.Of(true, file.At);
        return entry;
    }

    private static ListValue AllDevices(Position at)
    {
        var list = new ListValue(at);
        list.Items.Add(Single("count", ScalarValue.Of("all", at)));
        return list;
    }

    private Value Volume(Value value)
    {
        if (value is MapValue)
            return value;
        try
        {
            return VolumeSyntax.Parse(value.ToString()!, value.At);
        }
        catch (ComposeException) when (keepMalformed)
        {
            return value;
        }
        catch (ComposeException error) when (value.At.Line > 0)
        {
            throw new ComposeException($"{value.At.Prefix}{error.Message}");
        }
    }

    private Value Device(Value value)
    {
        if (value is MapValue)
            return value;
        var parts = value.ToString()!.Split(':');
        if (parts.Length > 3)
            return keepMalformed ? value : throw new ComposeException($"{value.At.Prefix}confusing device mapping, please use long syntax: {value}");
        var device = new MapValue(value.At);
        device["source"] = ScalarValue.Of(parts[0], value.At);
        device["target"] = ScalarValue.Of(parts.Length > 1 && parts[1].Length > 0 ? parts[1] : parts[0], value.At);
        device["permissions"] = ScalarValue.Of(parts.Length > 2 ? parts[2] : "rwm", value.At);
        return device;
    }

    private Value Ports(Value value)
    {
        if (value is not ListValue list || list.Items.All(static item => item is MapValue))
            return value;
        var ports = new ListValue(value.At);
        foreach (var item in list.Items)
        {
            if (item is MapValue)
            {
                ports.Items.Add(item);
                continue;
            }
            try
            {
                ports.Items.AddRange(PortSyntax.Parse(item.ToString()!, item.At));
            }
            catch (ComposeException) when (keepMalformed)
            {
                return value;
            }
            catch (ComposeException error) when (item.At.Line > 0)
            {
                throw new ComposeException($"{item.At.Prefix}{error.Message}");
            }
        }
        return ports;
    }

    private void External(MapValue resource, string path)
    {
        if (resource["external"] is not MapValue external)
            return;
        resource["external"] = ScalarValue.Of(true, external.At);
        if (!external.Contains("name"))
            return;
        warn($"{path}: external.name is deprecated. Please set name and external: true");
        if (resource.Contains("name") && resource.Text("name") != external.Text("name"))
            throw new ComposeException($"{path}: name and external.name conflict; only use name");
        resource["name"] = external["name"];
    }

    private static Value NamesToMap(Value value)
    {
        if (value is not ListValue list)
            return value;
        var map = new MapValue(value.At);
        foreach (var item in list.Items)
            map.Set(item.ToString()!, ScalarValue.Null(item.At), item.At);
        return map;
    }

    private static Value ToList(Value value)
    {
        if (value.AsText is null)
            return value;
        var list = new ListValue(value.At);
        list.Items.Add(value);
        return list;
    }

    private static Value Each(Value value, Func<Value, Value> change)
    {
        if (value is ListValue list)
            for (var index = 0; index < list.Items.Count; index++)
                list.Items[index] = change(list.Items[index]);
        return value;
    }

    private static MapValue Single(string key, Value value)
    {
        var map = new MapValue(value.At);
        map[key] = value;
        return map;
    }

    private static MapValue WithDefault(MapValue map, string key, bool value)
    {
        if (!map.Contains(key))
            map[key] = ScalarValue.Of(value, map.At);
        return map;
    }
}
