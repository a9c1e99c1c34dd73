using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Compose.Planning;
using Gantry.Compose.Progress;

namespace Gantry.Compose.Running;

/// <summary>What the work on a project needs: the daemon, and somebody to tell of it.</summary>
/// <param name="client">The daemon.</param>
/// <param name="progress">Shows how far the work has come.</param>
/// <param name="warn">Takes messages for the user.</param>
/// <param name="limit">At most so many things at once; less than 1 for no limit.</param>
public sealed class EngineAccess(EngineClient client, IProgress progress, Action<string> warn, int limit)
{
    /// <summary>The daemon.</summary>
    public EngineClient Client => client;

    /// <summary>Shows how far the work has come.</summary>
    public IProgress Progress => progress;

    /// <summary>At most so many things at once; less than 1 for no limit.</summary>
    public int Limit => limit;

    /// <summary>Whether nothing is really done: containers that were made are not there.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Finds the value of a secret that no file of the project has, or null.</summary>
    public Func<string, byte[]?>? FindSecret { get; init; }

    /// <summary>Programs that providers of services and language models need, or null when there are none.</summary>
    public OtherPrograms? Programs { get; init; }

    /// <summary>The user's credentials for registries as a client's <c>config.json</c> has them, for containers that use the engine themselves.</summary>
    public Func<Task<string>>? RegistryCredentials { get; init; }

    /// <summary>The same, without telling of progress.</summary>
    public EngineAccess Quietly() => new(client, new QuietProgress(), warn, limit)
    {
        IsDryRun = IsDryRun, FindSecret = FindSecret, Programs = Programs, RegistryCredentials = RegistryCredentials,
    };

    /// <summary>Tells the user something.</summary>
    public void Warn(string message) => warn(message);

    /// <summary>The containers of a project, by name.</summary>
    /// <param name="project">The project's name.</param>
    /// <param name="oneOff">Whether those of <c>run</c> are wanted: true for only those, false for none, null for both.</param>
    /// <param name="all">Whether stopped ones are wanted too.</param>
    /// <param name="services">Those of some services; empty for all.</param>
    public async Task<List<ContainerSummary>> ListAsync(string project, bool? oneOff, bool all, IReadOnlyList<string>? services = null)
    {
        var filters = ProjectFilters(project);
        if (services?.Count == 1)
            filters.Add("label", $"{Labels.Service}={services[0]}");
        if (oneOff is not null)
            filters.Add("label", $"{Labels.OneOff}={(oneOff.Value ? "True" : "False")}");
        var containers = await client.ListContainersAsync(all, null, false, filters).ConfigureAwait(false);
        return ByName(containers.Where(container => services is not { Count: > 1 } || services.Contains(container.ServiceName())));
    }

    /// <summary>The filters that find the containers of a project.</summary>
    internal static Filters ProjectFilters(string project) => new Filters().Add("label", $"{Labels.Project}={project}").Add("label", Labels.ConfigHash);

    /// <summary>Containers in the order of their names.</summary>
    internal static List<ContainerSummary> ByName(IEnumerable<ContainerSummary> containers) =>
        [.. containers.OrderBy(static container => container.Name(), StringComparer.Ordinal)];

    /// <summary>One container of a service: the one with a number, or the first.</summary>
    /// <exception cref="ComposeException">There is none.</exception>
    public async Task<ContainerSummary> FindAsync(string project, string service, int index, bool all, bool? oneOff = false)
    {
        var containers = await ListAsync(project, oneOff, all, [service]).ConfigureAwait(false);
        var found = containers.Where(container => index <= 0 || container.Number() == index)
            .OrderBy(static container => container.IsOneOff()).ThenBy(static container => container.Number()).FirstOrDefault();
        return found ?? throw new ComposeException($"service \"{service}\" is not running{(index > 0 ? $" container #{index}" : "")}");
    }
}
