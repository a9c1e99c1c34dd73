using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Validation;

/// <summary>What must hold between the elements of a project: what is referred to exists, what excludes each other is not both there.</summary>
internal static class ConsistencyRules
{
    private const string Invalid = "invalid compose project";

    /// <summary>Checks a project.</summary>
    /// <exception cref="ComposeException">A rule is broken.</exception>
    public static void Check(Project project)
    {
        foreach (var service in project.Services.Values)
        {
            CheckBuild(service, project);
            CheckReferences(service, project);
            CheckLimits(service);
            CheckMounts(service);
            if (service.Map("healthcheck")?.Texts("test") is [not ("CMD" or "CMD-SHELL" or "NONE"), ..])
                throw Broken(service, "healthcheck", "healthcheck.test must start either by \"CMD\", \"CMD-SHELL\" or \"NONE\"");
            foreach (var watch in service.Map("develop")?.Maps("watch") ?? [])
                if (watch.Text("target").Length == 0 && watch.Text("action") is not ("rebuild" or "restart"))
                    throw Broken(service, "develop", $"services.{service.Name}.develop.watch: target is required for non-rebuild actions: {Invalid}");
        }
        foreach (var (name, secret) in project.Secrets)
            if (!secret.Flag("external") && secret.Text("file").Length == 0 && secret.Text("environment").Length == 0)
                throw new ComposeException($"secret \"{name}\" must declare either `file` or `environment`: {Invalid}");
        CheckCycles(project);
    }

    private static ComposeException Broken(Service service, string attribute, string message) => new(service.WhereOf(attribute) + message);

    private static void CheckBuild(Service service, Project project)
    {
        var build = service.Map("build");
        if (build is null && service.Image.Length == 0 && service.Map("provider") is null)
            throw Broken(service, "image", $"service \"{service.Name}\" has neither an image nor a build context specified: {Invalid}");
        if (build is null)
            return;
        if (build.Text("dockerfile_inline").Length > 0 && build.Text("dockerfile").Length > 0)
            throw Broken(service, "build", $"service \"{service.Name}\" declares mutualy exclusive dockerfile and dockerfile_inline: {Invalid}");
        foreach (var (name, context) in build.TextMap("additional_contexts"))
        {
            if (!context.StartsWith("service:", StringComparison.Ordinal))
                continue;
            var target = context["service:".Length..];
            if (!project.Services.TryGetValue(target, out var other))
                throw Broken(service, "build", $"service \"{service.Name}\" declares unknown service \"{target}\" as additional contexts {name}");
            if (other.Map("build") is null)
                throw Broken(service, "build", $"service \"{service.Name}\" declares non-buildable service \"{target}\" as additional contexts {name}");
        }
        var platforms = build.Texts("platforms");
        if (platforms.Count > 0 && service.Text("platform") is { Length: > 0 } platform && !platforms.Contains(platform))
            throw Broken(service, "build", $"service.build.platforms MUST include service.platform \"{platform}\": {Invalid}");
        foreach (var secret in build.Maps("secrets"))
            if (!project.Secrets.ContainsKey(secret.Text("source")))
                throw Broken(service, "build", $"service \"{service.Name}\" refers to undefined build secret {secret.Text("source")}: {Invalid}");
    }

    private static void CheckReferences(Service service, Project project)
    {
        var mode = service.Text("network_mode");
        if (mode.Length > 0 && service.Networks.Count > 0)
            throw Broken(service, "network_mode", $"service {service.Name} declares mutually exclusive `network_mode` and `networks`: {Invalid}");
        foreach (var network in service.Networks.Keys)
            if (!project.Networks.ContainsKey(network))
                throw Broken(service, "networks", $"service \"{service.Name}\" refers to undefined network {network}: {Invalid}");
        foreach (var (name, dependency) in service.DependsOn)
            if (!project.Services.ContainsKey(name) && !(project.DisabledServices.ContainsKey(name) && !dependency.Required))
                throw Broken(service, "depends_on", $"service \"{service.Name}\" depends on undefined service \"{name}\": {Invalid}");
        if (mode.StartsWith("service:", StringComparison.Ordinal) && mode["service:".Length..] is var target && !project.Services.ContainsKey(target))
            throw Broken(service, "network_mode", $"service \"{target}\" not found for network_mode 'service:{target}'");
        foreach (var volume in service.Maps("volumes"))
            if (volume.Text("type") == "volume" && volume.Text("source") is { Length: > 0 } source && !project.Volumes.ContainsKey(source))
                throw Broken(service, "volumes", $"service \"{service.Name}\" refers to undefined volume {source}: {Invalid}");
        foreach (var config in service.Maps("configs"))
            if (!project.Configs.ContainsKey(config.Text("source")))
                throw Broken(service, "configs", $"service \"{service.Name}\" refers to undefined config {config.Text("source")}: {Invalid}");
        foreach (var model in service.Map("models")?.Keys ?? [])
            if (!project.Models.ContainsKey(model))
                throw Broken(service, "models", $"service \"{service.Name}\" refers to undefined model {model}: {Invalid}");
        foreach (var secret in service.Maps("secrets"))
            if (!project.Secrets.ContainsKey(secret.Text("source")))
                throw Broken(service, "secrets", $"service \"{service.Name}\" refers to undefined secret {secret.Text("source")}: {Invalid}");
    }

    private static void CheckLimits(Service service)
    {
        var deploy = service.Map("deploy");
        var replicas = deploy?["replicas"] is not null ? deploy.Number("replicas") : (long?)null;
        var scale = service.Definition["scale"] is not null ? service.Definition.Number("scale") : (long?)null;
        if (scale is not null && replicas is not null && scale != replicas)
            throw Distinct(service, "scale", "deploy.replicas");
        if (scale < 0)
            throw Broken(service, "scale", $"services.{service.Name}.scale: must be greater than or equal to 0");
        if (replicas < 0)
            throw Broken(service, "deploy", $"services.{service.Name}.deploy.replicas: must be greater than or equal to 0");
        if (service.Scale > 1 && service.Text("container_name").Length > 0)
            throw Broken(service, "container_name",
                $"services.{(scale is null ? "deploy.replicas" : "scale")}: can't set container_name and {service.Name} as container name must be unique: {Invalid}");
        var limits = deploy?.Map("resources")?.Map("limits");
        var reservations = deploy?.Map("resources")?.Map("reservations");
        if (limits is not null && service.Definition.Fraction("cpus") is var cpus && cpus != 0 && cpus != limits.Fraction("cpus"))
            throw Distinct(service, "cpus", "deploy.resources.limits.cpus");
        if (limits is not null && service.Definition.Number("mem_limit") is var memory && memory != 0 && memory != limits.Number("memory"))
            throw Distinct(service, "mem_limit", "deploy.resources.limits.memory");
        if (reservations is not null && service.Definition.Number("mem_reservation") is var reserved && reserved != 0
            && reserved != reservations.Number("memory"))
            throw Distinct(service, "mem_reservation", "deploy.resources.reservations.memory");
        if (limits is not null && service.Definition.Number("pids_limit") is var pids && pids != 0 && pids != limits.Number("pids"))
            throw Distinct(service, "pids_limit", "deploy.resources.limits.pids");
    }

    private static ComposeException Distinct(Service service, string one, string other) =>
        Broken(service, one, $"services.{service.Name}: can't set distinct values on '{one}' and '{other}': {Invalid}");

    private static void CheckMounts(Service service)
    {
        var targets = new Dictionary<string, string>(StringComparer.Ordinal);
        void Add(string target, string attribute, int index)
        {
            var place = $"services.{service.Name}.{attribute}[{index}]";
            if (!targets.TryAdd(target, place))
                throw Broken(service, attribute, $"{place}: target {target} already mounted as {targets[target]}");
        }

        var index = 0;
        foreach (var tmpfs in service.Definition.Texts("tmpfs"))
            Add(tmpfs.Split(':')[0], "tmpfs", index++);
        index = 0;
        foreach (var volume in service.Maps("volumes"))
            Add(volume.Text("target"), "volumes", index++);
    }

    private static void CheckCycles(Project project)
    {
        var done = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in project.Services.Keys)
            Visit(name, []);

        void Visit(string name, List<string> path)
        {
            if (done.Contains(name) || !project.Services.TryGetValue(name, out var service))
                return;
            var start = path.IndexOf(name);
            if (start >= 0)
                throw new ComposeException($"{service.WhereOf("depends_on")}dependency cycle detected: {string.Join(" -> ", path.Skip(start).Append(name))}");
            path.Add(name);
            foreach (var dependency in service.DependsOn.Keys)
                Visit(dependency, path);
            path.RemoveAt(path.Count - 1);
            done.Add(name);
        }
    }
}
