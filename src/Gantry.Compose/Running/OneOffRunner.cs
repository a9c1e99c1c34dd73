using System.Security.Cryptography;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>What a container of <c>run</c> has otherwise than its service.</summary>
public sealed record OneOffOptions
{
    /// <summary>The command; empty for the service's.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>The entry point, or null for the service's.</summary>
    public string? Entrypoint { get; init; }

    /// <summary>Whether it is removed when it ends.</summary>
    public bool AutoRemove { get; init; }

    /// <summary>Whether it has a terminal.</summary>
    public bool Tty { get; init; }

    /// <summary>Whether input is attached.</summary>
    public bool Interactive { get; init; }

    /// <summary>Whether nobody stays with it.</summary>
    public bool Detach { get; init; }

    /// <summary>Its name, or empty for one made up.</summary>
    public string Name { get; init; } = "";

    /// <summary>The user, or empty for the service's.</summary>
    public string User { get; init; } = "";

    /// <summary>The folder, or empty for the service's.</summary>
    public string WorkingFolder { get; init; } = "";

    /// <summary>Variables, <c>NAME=value</c> or a name alone.</summary>
    public IReadOnlyList<string> Environment { get; init; } = [];

    /// <summary>Labels, <c>name=value</c>.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>Capabilities that are added.</summary>
    public IReadOnlyList<string> CapAdd { get; init; } = [];

    /// <summary>Capabilities that are taken away.</summary>
    public IReadOnlyList<string> CapDrop { get; init; } = [];

    /// <summary>Volumes in the short form.</summary>
    public IReadOnlyList<string> Volumes { get; init; } = [];

    /// <summary>Ports in the short form.</summary>
    public IReadOnlyList<string> Publish { get; init; } = [];

    /// <summary>Whether the service's ports are published.</summary>
    public bool ServicePorts { get; init; }

    /// <summary>Whether it has the service's names in its networks.</summary>
    public bool UseAliases { get; init; }

    /// <summary>Whether what the service depends on is left alone.</summary>
    public bool NoDependencies { get; init; }
}

/// <summary>Makes a container for one command of a service, after what the service depends on has been brought up.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="images">Sees to the images.</param>
public sealed class OneOffRunner(EngineAccess engine, ImageEnsurer images)
{
    /// <summary>Makes the container; it is not started.</summary>
    /// <returns>Its identifier.</returns>
    public async Task<string> CreateAsync(Project project, string name, OneOffOptions options, UpOptions up)
    {
        // 1. What the service depends on.
        var service = project.Service(name);
        var dependencies = options.NoDependencies ? [] : service.DependsOn.Keys.Where(project.Services.ContainsKey).ToArray();
        var wanted = service.Clone();
        project.Services.Remove(name);
        project.DisabledServices[name] = service;
        var others = options.NoDependencies ? [] : project.Services.Values.ToArray();
        if (options.NoDependencies)
            project.Services.Clear();
        var prepared = await new ProjectUp(engine, images).PrepareAsync(project, up).ConfigureAwait(false);
        if (others.Length > 0)
            await prepared.StartAsync(engine, up).ConfigureAwait(false);

        // 2. The service itself, as the flags change it.
        project.DisabledServices.Remove(name);
        Apply(project, wanted, options);
        project.Services[name] = wanted;
        await images.EnsureAsync(project).ConfigureAwait(false);
        var state = new ObservedState(await engine.ListAsync(project.Name, null, all: true).ConfigureAwait(false));
        await new ConditionWaiter(engine, project, state).WaitAsync(
            name, wanted.DependsOn.Where(dependency => dependencies.Contains(dependency.Key)).ToDictionary(), CancellationToken.None).ConfigureAwait(false);

        // 3. Its container.
        var maker = new ContainerMaker(engine.Quietly(), project, images, state);
        var created = await maker.CreateAsync(new ServiceReferences(state).Resolve(wanted), -1, wanted.Text("container_name"), purpose => purpose with
        {
            AutoRemove = options.AutoRemove,
            AttachInput = options.Interactive && !options.Detach,
            UseAliases = options.UseAliases,
        }).ConfigureAwait(false);
        await new FileInjector(engine, project).InjectAsync(wanted, created).ConfigureAwait(false);
        return created.Id;
    }

    private static void Apply(Project project, Service service, OneOffOptions options)
    {
        var definition = service.Definition;
        definition["tty"] = ScalarValue.Of(options.Tty);
        definition["stdin_open"] = ScalarValue.Of(options.Interactive);
        if (options.Command.Count > 0)
            definition["command"] = ListValue.Of(options.Command);
        if (options.Entrypoint is not null)
        {
            definition["entrypoint"] = ListValue.Of(CommandWords.Split(options.Entrypoint));
            if (options.Command.Count == 0)
                definition["command"] = new ListValue();
        }
        if (options.User.Length > 0)
            definition["user"] = ScalarValue.Of(options.User);
        if (options.WorkingFolder.Length > 0)
            definition["working_dir"] = ScalarValue.Of(options.WorkingFolder);
        Capabilities(definition, "cap_add", options.CapAdd, options.CapDrop);
        Capabilities(definition, "cap_drop", options.CapDrop, options.CapAdd);
        Set(definition, "environment", options.Environment, variable => project.Variables.TryGetValue(variable, out var value) ? value : null);
        Set(definition, "labels", options.Labels, static _ => "");
        Ports(definition, options);
        foreach (var text in options.Volumes)
            AddVolume(project, definition, text);

        // It is one, it is not restarted, and has a name of its own.
        definition["scale"] = ScalarValue.Of(1L);
        definition.Remove("restart");
        definition.Map("deploy")?.Remove("restart_policy");
        var slug = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        definition["container_name"] = ScalarValue.Of(
            options.Name.Length > 0 ? options.Name : string.Join(project.Separator, project.Name, service.Name, "run", slug[..12]));
        service.OwnLabels[Planning.Labels.Slug] = slug;
        service.OwnLabels[Planning.Labels.OneOff] = "True";
    }

    private static void Capabilities(MapValue definition, string key, IReadOnlyList<string> added, IReadOnlyList<string> removed)
    {
        if (added.Count > 0 || removed.Count > 0)
            definition[key] = ListValue.Of(definition.Texts(key).Except(removed).Concat(added));
    }

    private static void Set(MapValue definition, string key, IReadOnlyList<string> values, Func<string, string?> unset)
    {
        var map = definition.Map(key) ?? new MapValue();
        foreach (var entry in values)
        {
            var equals = entry.IndexOf('=', StringComparison.Ordinal);
            var value = equals < 0 ? unset(entry) : entry[(equals + 1)..];
            if (value is not null)
                map[equals < 0 ? entry : entry[..equals]] = ScalarValue.Of(value);
        }
        if (map.Count > 0)
            definition[key] = map;
    }

    private static void Ports(MapValue definition, OneOffOptions options)
    {
        if (options.ServicePorts)
            return;
        var ports = new ListValue();
        foreach (var text in options.Publish)
            ports.Items.AddRange(PortSyntax.Parse(text, Position.None));
        if (ports.Items.Count > 0)
            definition["ports"] = ports;
        else
            definition.Remove("ports");
    }

    private static void AddVolume(Project project, MapValue definition, string text)
    {
        var volume = VolumeSyntax.Parse(text);
        if (volume.Text("type") == "bind")
            volume["source"] = ScalarValue.Of(Path.GetFullPath(volume.Text("source"), project.WorkingFolder));
        else if (volume.Text("source") is { Length: > 0 } source && !project.Volumes.ContainsKey(source))
        {
            // A volume that no file declares keeps the name it is given.
            var declared = new MapValue();
            declared["name"] = ScalarValue.Of(source);
            project.Volumes[source] = declared;
        }
        var volumes = definition.List("volumes") ?? new ListValue();
        volumes.Items.RemoveAll(other => other is MapValue map && map.Text("target") == volume.Text("target"));
        volumes.Items.Add(volume);
        definition["volumes"] = volumes;
    }
}
