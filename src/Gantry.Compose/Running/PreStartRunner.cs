using System.Globalization;
using System.Text;
using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Client.Streams;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>
/// Runs the commands that a service wants to be done before its start (<c>pre_start</c>): each in a container of its own, with the volumes and networks of the
/// container
/// that is to start. One that fails keeps the service from starting; its container stays, to be looked at.
/// </summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
/// <param name="state">The containers of the services.</param>
internal sealed class PreStartRunner(EngineAccess engine, Project project, ObservedState state)
{
    private const string Kind = "pre_start";
    private const string ToldLines = "10";

    /// <summary>Takes the output of the commands: by the container they are run for and the name of the command; null when nobody reads it.</summary>
    public LogPrinter? Output { get; init; }

    /// <summary>Runs the commands of a service for its containers that are about to start.</summary>
    /// <param name="service">The service.</param>
    /// <param name="containers">The containers, at least one.</param>
    /// <exception cref="ComposeException">One failed.</exception>
    public async Task RunAsync(Service service, IReadOnlyList<ContainerSummary> containers)
    {
        var ordered = containers.OrderBy(static container => container.Number()).ToArray();
        var index = 0;
        foreach (var hook in service.Maps(Kind))
        {
            foreach (var container in hook.Flag("per_replica") ? ordered : ordered[..1])
                await RunAsync(service, container, hook, index).ConfigureAwait(false);
            index++;
        }
    }

    /// <summary>Removes what failed commands have left.</summary>
    public static async Task RemoveAllAsync(EngineAccess engine, string project)
    {
        var filters = new Filters().Add("label", $"{Labels.Project}={project}").Add("label", $"{Labels.Hook}={Kind}");
        foreach (var left in await engine.Client.ListContainersAsync(all: true, null, size: false, filters).ConfigureAwait(false))
            await new ContainerStopper(engine, new HookRunner(engine)).RemoveAsync(left, volumes: true, force: true).ConfigureAwait(false);
    }

    private async Task RunAsync(Service service, ContainerSummary container, MapValue hook, int index)
    {
        // 1. A container of its own; what a failure before this one has left goes.
        var name = string.Join(project.Separator, project.Name, service.Name, Kind, index.ToString(CultureInfo.InvariantCulture))
            + (hook.Flag("per_replica") ? project.Separator + container.Number().ToString(CultureInfo.InvariantCulture) : "");
        var shown = "Container " + name;
        engine.Progress.Working(shown, "Starting");
        if (engine.IsDryRun)
            return;
        await RemoveAsync(name).ConfigureAwait(false);
        var created = await engine.Client.CreateContainerAsync(Request(service, container, hook), name, service.Text("platform")).ConfigureAwait(false);

        // 2. Its run.
        int code;
        try
        {
            code = await RunToEndAsync(service, created.Id, container, index).ConfigureAwait(false);
        }
        catch
        {
            await RemoveAsync(name).ConfigureAwait(false);
            throw;
        }

        // 3. What came of it.
        if (code != 0)
        {
            engine.Progress.Failed(shown, $"exit {code}");
            var told = await LastLinesAsync(created.Id).ConfigureAwait(false);
            throw new ComposeException(
                $"service \"{service.Name}\" {Kind}[{index}] exited with status {code}{(told.Length > 0 ? ": " + told : "")} (container {name} is kept for inspection)");
        }
        await RemoveAsync(name).ConfigureAwait(false);
        engine.Progress.Done(shown, "Exited");
    }

    private async Task<int> RunToEndAsync(Service service, string id, ContainerSummary container, int index)
    {
        await new FileInjector(engine, project).InjectAsync(service, new ContainerSummary { Id = id }).ConfigureAwait(false);
        using var wait = await engine.Client.WaitContainerAsync(id, "next-exit").ConfigureAwait(false);
        await engine.Client.StartContainerAsync(id).ConfigureAwait(false);
        if (Output is not null)
            await ShowAsync(id, $"{container.ShortName()} {Kind}[{index}] ->").ConfigureAwait(false);
        return (int)(await wait.ResultAsync().ConfigureAwait(false)).StatusCode;
    }

    private async Task ShowAsync(string id, string name)
    {
        var inspected = await engine.Client.InspectContainerAsync(id).ConfigureAwait(false);
        using var logs = await engine.Client.OpenLogsAsync(id, new LogOptions { Follow = true }).ConfigureAwait(false);
        await using var lines = Output!.Open(name, isError: false);
        if (inspected.Config.Tty)
            await logs.Body.CopyToAsync(lines).ConfigureAwait(false);
        else
            await MultiplexedReader.CopyAsync(logs.Body, lines, lines, CancellationToken.None).ConfigureAwait(false);
    }

    private ContainerCreateRequest Request(Service service, ContainerSummary container, MapValue hook)
    {
        var own = new ServiceReferences(state).Resolve(service);
        var definition = own.Definition;
        foreach (var key in (string[])["ports", "expose", "container_name", "healthcheck", "restart", "links", "stdin_open", "volumes"])
            definition.Remove(key);
        definition.Map("deploy")?.Remove("restart_policy");
        foreach (var key in (string[])["image", "user", "working_dir", "privileged"])
            if (hook[key] is { } value)
                definition[key] = value;
        definition["command"] = ListValue.Of(hook.Texts("command"));
        var variables = (MapValue?)definition.Map("environment")?.Clone() ?? new MapValue();
        foreach (var (name, value) in hook.Map("environment")?.Entries ?? [])
            variables[name] = value;
        definition["environment"] = variables;
        definition["volumes_from"] = ListValue.Of(definition.Texts("volumes_from").Append(container.Id));

        var labels = own.Definition.TextMap("labels");
        foreach (var (key, value) in own.OwnLabels)
            labels[key] = value;
        labels[Labels.Hook] = Kind;
        var mounts = MountPlan.Of(project, own, [], [], engine.Warn);
        var request = new ContainerRequests(project).Build(own, new ContainerPurpose(0, labels, [], mounts) { UseAliases = false });
        // Without a hash it is no container of the service.
        request.Labels = request.Labels!.Where(static label => label.Key != Labels.ConfigHash).ToDictionary();
        return request;
    }

    private async Task<string> LastLinesAsync(string id)
    {
        using var text = new MemoryStream();
        using var logs = await engine.Client.OpenLogsAsync(id, new LogOptions { Tail = ToldLines }).ConfigureAwait(false);
        await MultiplexedReader.CopyAsync(logs.Body, text, text, CancellationToken.None).ConfigureAwait(false);
        return Encoding.UTF8.GetString(text.ToArray()).Trim();
    }

    private async Task RemoveAsync(string name)
    {
        try
        {
            await engine.Client.RemoveContainerAsync(name, volumes: true, link: false, force: true).ConfigureAwait(false);
        }
        catch (ClientException error) when (error.IsNotFound)
        {
            // There is none.
        }
    }
}
