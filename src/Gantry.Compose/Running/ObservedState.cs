using Gantry.Api.Model;

namespace Gantry.Compose.Running;

/// <summary>The containers of a project's services, as they are while they are being changed. Used from several threads.</summary>
internal sealed class ObservedState
{
    private readonly Dictionary<string, List<ContainerSummary>> _services = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    /// <summary>Takes in what is there; containers of <c>run</c> do not count.</summary>
    public ObservedState(IEnumerable<ContainerSummary> containers)
    {
        foreach (var group in containers.Where(static container => !container.IsOneOff()).GroupBy(static container => container.ServiceName()))
            _services[group.Key] = [.. group];
    }

    /// <summary>The containers of a service.</summary>
    public IReadOnlyList<ContainerSummary> Of(string service)
    {
        lock (_lock)
            return _services.TryGetValue(service, out var containers) ? [.. containers] : [];
    }

    /// <summary>Whether there is any container.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
                return _services.Values.All(static containers => containers.Count == 0);
        }
    }

    /// <summary>Notes the containers of a service.</summary>
    public void Set(string service, IEnumerable<ContainerSummary> containers)
    {
        lock (_lock)
            _services[service] = [.. containers];
    }
}
