using Gantry.Compose.Values;

namespace Gantry.Compose.Model;

/// <summary>
/// Makes explicit what a model implies: the default network, names of resources, dependencies that links and namespaces bring, values taken from the
/// environment.
/// </summary>
/// <param name="projectName">The project's name.</param>
/// <param name="variables">The environment.</param>
internal sealed class Normalizer(string projectName, IReadOnlyDictionary<string, string> variables)
{
    /// <summary>Changes a model in its long form.</summary>
    public void Apply(MapValue model)
    {
        DefaultNetwork(model);
        foreach (var service in model.Maps("services"))
            ApplyToService(service);
        foreach (var kind in (string[])["networks", "volumes", "configs", "secrets"])
            Name(model.Map(kind));
    }

    private void ApplyToService(MapValue service)
    {
        if (service.Text("pull_policy") == "if_not_present")
            service["pull_policy"] = ScalarValue.Of("missing", service.At);
        if (service.Map("build") is { } build)
        {
            if (build["context"] is null)
                build["context"] = ScalarValue.Of(".", build.At);
            if (build["dockerfile"] is null && build["dockerfile_inline"] is null)
                build["dockerfile"] = ScalarValue.Of("Dockerfile", build.At);
            Resolve(build, "args", keepUnset: false);
        }
        Resolve(service, "environment", keepUnset: true);
        foreach (var volume in service.Maps("volumes"))
            if (volume["target"] is ScalarValue target)
                volume["target"] = ScalarValue.Of(CleanTarget(target.Text), target.At);
        ImpliedDependencies(service);
    }

    private static string CleanTarget(string target) => target.Length == 0 ? "." : VolumeSyntax.CleanPath(target);

    private static void ImpliedDependencies(MapValue service)
    {
        var dependencies = service.Map("depends_on") ?? new MapValue(service.At);
        void Add(string name, bool restart)
        {
            if (dependencies.Contains(name))
                return;
            var dependency = new MapValue(service.At);
            dependency["condition"] = ScalarValue.Of("service_started", service.At);
            dependency["restart"] = ScalarValue.Of(restart, service.At);
            dependency["required"] = ScalarValue.Of(true, service.At);
            dependencies[name] = dependency;
        }

        foreach (var link in service.Texts("links"))
            Add(link.Split(':') is [var name, _] ? name : link, restart: true);
        foreach (var space in (string[])["network_mode", "ipc", "pid", "uts", "cgroup"])
            if (service.Text(space) is var mode && mode.StartsWith("service:", StringComparison.Ordinal))
                Add(mode["service:".Length..], restart: true);
        foreach (var source in service.Texts("volumes_from"))
            if (!source.StartsWith("container:", StringComparison.Ordinal))
                Add(source.Split(':')[0], restart: false);
        if (dependencies.Count > 0)
            service["depends_on"] = dependencies;
    }

    private void Resolve(MapValue owner, string key, bool keepUnset)
    {
        if (owner[key] is MapValue map)
        {
            foreach (var (name, value) in map.Entries.ToArray())
            {
                if (!value.IsNull)
                    continue;
                if (variables.TryGetValue(name, out var resolved))
                    map[name] = ScalarValue.Of(resolved, value.At);
                else if (!keepUnset)
                    map.Remove(name);
            }
        }
        else if (owner[key] is ListValue list)
        {
            var lines = list.Items.ToArray();
            list.Items.Clear();
            foreach (var line in lines)
            {
                var text = line.ToString()!;
                if (text.Contains('=', StringComparison.Ordinal))
                    list.Items.Add(line);
                else if (variables.TryGetValue(text, out var resolved))
                    list.Items.Add(ScalarValue.Of($"{text}={resolved}", line.At));
                else if (keepUnset)
                    list.Items.Add(line);
            }
        }
    }

    private static void DefaultNetwork(MapValue model)
    {
        var used = false;
        foreach (var service in model.Maps("services"))
        {
            if (service.Contains("provider") || service.Contains("network_mode"))
                continue;
            if (service.Map("networks") is not { Count: > 0 } networks)
            {
                networks = new MapValue(service.At);
                networks["default"] = null;
                service["networks"] = networks;
            }
            used |= networks.Contains("default");
        }
        if (!used || model.Map("networks")?.Contains("default") == true)
            return;
        var declared = model.Map("networks") ?? new MapValue(model.At);
        declared["default"] = null;
        model["networks"] = declared;
    }

    private void Name(MapValue? resources)
    {
        if (resources is null)
            return;
        foreach (var (key, value) in resources.Entries.ToArray())
        {
            var resource = value as MapValue ?? new MapValue(value.At);
            if (resource["name"] is null)
                resource["name"] = ScalarValue.Of(resource.Flag("external") ? key : $"{projectName}_{key}", resource.At);
            resources[key] = resource;
        }
    }
}
