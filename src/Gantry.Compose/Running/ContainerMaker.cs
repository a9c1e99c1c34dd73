using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Model;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;
using Gantry.Compose.Values;

namespace Gantry.Compose.Running;

/// <summary>Creates containers of services, and replaces them.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="project">The project.</param>
/// <param name="images">Knows the images.</param>
/// <param name="state">The containers that are there, by service.</param>
internal sealed class ContainerMaker(EngineAccess engine, Project project, ImageEnsurer images, ObservedState state)
{
    private readonly ContainerRequests _requests = new(project);

    /// <summary>Creates a container.</summary>
    /// <param name="service">The service.</param>
    /// <param name="number">Its number; less than 1 for one of <c>run</c>.</param>
    /// <param name="name">Its name.</param>
    /// <param name="change">Changes the purpose before it is used, or null.</param>
    public async Task<ContainerSummary> CreateAsync(Service service, int number, string name, Func<ContainerPurpose, ContainerPurpose>? change = null)
    {
        var id = "Container " + name;
        engine.Progress.Working(id, "Creating");
        try
        {
            var created = await SendAsync(service, number, name, [], change).ConfigureAwait(false);
            engine.Progress.Done(id, "Created");
            return created;
        }
        catch (Exception error) when (error is ClientException or ComposeException)
        {
            engine.Progress.Failed(id, error is ClientException ? $"Error response from daemon: {error.Message}" : error.Message);
            throw;
        }
    }

    /// <summary>Replaces a container: the new one is created under another name, so that nothing is lost when that fails.</summary>
    /// <param name="service">The service.</param>
    /// <param name="old">The container.</param>
    /// <param name="inherit">Whether its anonymous volumes are kept.</param>
    /// <param name="timeout">The grace period in seconds, or null for the container's own.</param>
    public async Task<ContainerSummary> RecreateAsync(Service service, ContainerSummary old, bool inherit, long? timeout)
    {
        engine.Progress.Working(old.Shown(), "Recreate");
        try
        {
            var (created, name) = await CreateReplacementAsync(service, old, inherit).ConfigureAwait(false);
            if (old.State is not ("exited" or "created" or "dead"))
                await engine.Client.StopContainerAsync(old.Id, null, timeout).ConfigureAwait(false);
            await engine.Client.RemoveContainerAsync(old.Id, volumes: false, link: false, force: false).ConfigureAwait(false);
            await engine.Client.RenameContainerAsync(created.Id, name).ConfigureAwait(false);
            engine.Progress.Done(old.Shown(), "Recreated");
            return created with { Names = ["/" + name] };
        }
        catch (Exception error) when (error is ClientException or ComposeException)
        {
            engine.Progress.Failed(old.Shown(), error.Message);
            throw;
        }
    }

    /// <summary>Creates the container that is to replace another, under a name that it has until then.</summary>
    /// <returns>The container, and the name that it is to get.</returns>
    public async Task<(ContainerSummary Created, string Name)> CreateReplacementAsync(Service service, ContainerSummary old, bool inherit)
    {
        var number = Math.Max(old.Number(), 1);
        var name = ContainerNames.Of(project, service, number);
        var replaced = service.Text("container_name") is { Length: > 0 } given ? given : $"{service.Name}{project.Separator}{number}";
        var created = await SendAsync(service, number, $"{old.Id[..12]}_{name}", inherit ? old.Mounts : [], purpose =>
        {
            purpose.Labels[Labels.Replace] = replaced;
            return purpose;
        }).ConfigureAwait(false);
        return (created, name);
    }

    private async Task<ContainerSummary> SendAsync(
        Service service, int number, string name, IReadOnlyList<MountPoint> inherited, Func<ContainerPurpose, ContainerPurpose>? change)
    {
        var image = service.ImageOrDefault(project.Name, project.Separator);
        var labels = service.Definition.TextMap("labels");
        foreach (var (key, value) in service.OwnLabels)
            labels[key] = value;
        if (service.ImageDigest.Length > 0)
            labels[Labels.Image] = service.ImageDigest;
        var mounts = MountPlan.Of(project, service, inherited, images.VolumesOf(image), engine.Warn);
        var purpose = new ContainerPurpose(number, labels, Links(service, number), mounts);
        var request = _requests.Build(service, change?.Invoke(purpose) ?? purpose);
        var platform = service.Text("platform") is { Length: > 0 } own ? own : project.Variables.TryGetValue("DOCKER_DEFAULT_PLATFORM", out var usual)
            ? usual : "";
        var response = await engine.Client.CreateContainerAsync(request, name, platform).ConfigureAwait(false);
        foreach (var warning in response.Warnings)
            engine.Progress.Report(new Step(service.Name, StepState.Warning, "") { Word = warning });
        return new ContainerSummary
        {
            Id = response.Id,
            Names = ["/" + name],
            Image = image,
            Labels = request.Labels ?? new Dictionary<string, string>(),
            State = "created",
        };
    }

    private List<string> Links(Service service, int number)
    {
        var links = new List<string>();
        foreach (var link in service.Definition.Texts("links"))
        {
            var parts = link.Split(':');
            var (other, alias) = (parts[0], parts.Length == 2 ? parts[1] : parts[0]);
            foreach (var container in state.Of(other))
            {
                links.Add($"{container.Name()}:{alias}");
                links.Add($"{container.Name()}:{other}{project.Separator}{number}");
                links.Add($"{container.Name()}:{project.Name}{project.Separator}{other}{project.Separator}{number}");
            }
        }
        foreach (var link in service.Definition.Texts("external_links"))
            links.Add(link.Contains(':', StringComparison.Ordinal) ? link : $"{link}:{link}");
        return links;
    }
}
