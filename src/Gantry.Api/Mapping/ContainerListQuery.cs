using System.Globalization;
using Gantry.Engine.Containers;
using Gantry.Oci;
using Gantry.Oci.Filters;

namespace Gantry.Api.Mapping;

/// <summary>Which containers a list request wants.</summary>
internal sealed class ContainerListQuery
{
    private static readonly string[] States = ["created", "running", "paused", "restarting", "removing", "exited", "dead"];
    private static readonly string[] Healths = ["none", "starting", "healthy", "unhealthy"];

    private readonly Engine.Engine _engine;
    private readonly ObjectFilters _filters;
    private readonly int _limit;
    private readonly bool _onlyRunning;
    private readonly HashSet<int> _exitCodes;
    private readonly HashSet<string> _ancestors;
    private readonly Container? _before;
    private readonly Container? _since;

    /// <exception cref="GantryException">A filter has a value that it does not take (400), or names a container that is not there (404).</exception>
    public ContainerListQuery(Engine.Engine engine, ObjectFilters filters, bool all, int limit)
    {
        _engine = engine;
        _filters = filters;
        _limit = limit;
        CheckAmong("status", "state", States);
        CheckAmong("health", "health", Healths);
        // A status picks containers by itself, also those that do not run; so does a limit.
        _onlyRunning = !all && limit <= 0 && !filters.Has("status");
        _exitCodes = [.. filters["exited"].Select(ExitCodeOf)];
        _ancestors = [.. filters["ancestor"].Select(name => engine.Images.Find(name)?.Id.ToString() ?? "")];
        _before = filters["before"] is [.., var before] ? engine.Containers.Get(before) : null;
        _since = filters["since"] is [.., var since] ? engine.Containers.Get(since) : null;
    }

    /// <summary>The keys that are known.</summary>
    public static ReadOnlySpan<string> Keys => (string[])
    [
        "ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label", "name", "network", "publish", "since", "status", "volume",
    ];

    /// <summary>The containers, newest first.</summary>
    public IEnumerable<Container> Run()
    {
        var picked = _engine.Containers.List().Where(Accepts);
        return _limit > 0 ? picked.Take(_limit) : picked;
    }

    private bool Accepts(Container container)
    {
        var state = container.State;
        return (!_onlyRunning || state.IsRunning || state.Status is ContainerStatus.Restarting)
            && (_before is null || container.Created < _before.Created)
            && (_since is null || container.Created > _since.Created)
            && _filters.MatchesExactly("status", ContainerStatusText.Word(state.Status))
            && (!_filters.Has("exited") || (state.Status is ContainerStatus.Exited && _exitCodes.Contains(state.ExitCode)))
            && (!_filters.Has("ancestor") || _ancestors.Contains(container.ImageId))
            && _filters.MatchesPattern("id", container.Id)
            && MatchesName(container)
            && _filters.MatchesLabels("label", container.Config.Labels)
            && MatchesVolume(container)
            && MatchesNetwork(container)
            && MatchesPorts("expose", container.Config.ExposedPorts?.Keys)
            && MatchesPorts("publish", container.HostConfig.PortBindings?.Keys)
            && _filters.MatchesExactly("health", state.Health?.Status ?? "none")
            // Neither swarm tasks nor Windows containers exist here.
            && _filters.Flag("is-task") is not true
            && (!_filters.Has("isolation") || _filters["isolation"].Contains("") || _filters["isolation"].Contains("default"));
    }

    // With or without the leading slash, which old clients and regular expressions such as `^/web$` have.
    private bool MatchesName(Container container) => _filters.MatchesPattern("name", container.Name) || _filters.MatchesPattern("name", "/" + container.Name);

    private bool MatchesVolume(Container container) =>
        !_filters.Has("volume") || container.Mounts.Any(mount => _filters["volume"].Any(wanted => wanted == mount.Name || wanted == mount.Destination));

    private bool MatchesNetwork(Container container) => _filters.MatchesExactly("network", container.HostConfig.NetworkMode);

    private bool MatchesPorts(string key, IEnumerable<string>? ports) =>
        !_filters.Has(key) || (ports ?? []).Any(port =>
            _filters[key].Any(wanted => port == (wanted.Contains('/', StringComparison.Ordinal) ? wanted : wanted + "/tcp")));

    private void CheckAmong(string key, string what, string[] accepted)
    {
        foreach (var value in _filters[key])
        {
            if (!accepted.Contains(value))
                throw GantryException.Invalid(
                    $"invalid filter '{key}={value}': invalid value for {what} ({value}): must be one of {string.Join(", ", accepted)}");
        }
    }

    private static int ExitCodeOf(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code)
            ? code
            : throw GantryException.Invalid($"invalid filter 'exited={text}': strconv.Atoi: parsing \"{text}\": invalid syntax");
}
