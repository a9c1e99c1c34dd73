namespace Gantry.Api.Routing;

/// <summary>All routes of the API. Built once; look-ups from any thread.</summary>
public sealed class RouteTable
{
    private readonly Dictionary<string, List<Route>> _groups = new(StringComparer.Ordinal);

    /// <summary>Adds a route; of two that fit a path the one added first answers.</summary>
    /// <param name="method">HTTP method, upper case.</param>
    /// <param name="template">Path template without version, such as `/containers/{id}/json` or `/images/{name...}/json`.</param>
    /// <param name="handler">What answers.</param>
    public RouteTable Add(string method, string template, ApiHandler handler)
    {
        var route = new Route(method, template, handler);
        if (!_groups.TryGetValue(route.Group, out var group)) _groups.Add(route.Group, group = []);
        group.Add(route);
        return this;
    }

    /// <summary>What the policies of sockets can name.</summary>
    internal IReadOnlySet<string> Verbs => _groups.Values.SelectMany(group => group).Select(route => route.Verb).ToHashSet(StringComparer.Ordinal);

    /// <summary>Finds the route for a request, or null.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="path">Segments of the path, without the version.</param>
    /// <param name="values">Filled with the path's parameters.</param>
    internal Route? Find(string method, ReadOnlySpan<string> path, List<KeyValuePair<string, string>> values)
    {
        if (path.Length == 0 || !_groups.TryGetValue(path[0], out var group)) return null;
        foreach (var route in group)
        {
            if (route.Method == method && route.Matches(path, values)) return route;
        }
        return null;
    }
}
