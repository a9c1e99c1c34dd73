namespace Gantry.Api.Routing;

/// <summary>What an operation is called where users name operations: an object and an action, such as <c>container.start</c>.</summary>
internal static class RouteVerb
{
    /// <summary>Derives it from a method and the segments of a path template.</summary>
    public static string Of(string method, IReadOnlyList<string> segments)
    {
        var kind = segments[0] switch
        {
            "containers" or "images" or "networks" or "volumes" or "plugins" or "nodes" or "services" or "tasks" or "secrets" or "configs" => segments[0][..^1],
            "exec" or "swarm" or "distribution" => segments[0],
            _ => "system",
        };
        if (kind == "system") return "system." + (segments is ["system", var own, ..] ? own : segments[0].TrimStart('_'));
        var action = segments.Skip(1).FirstOrDefault(segment => segment[0] != '{');
        var isOne = segments.Count > 1 && segments[1][0] == '{';
        return $"{kind}." + (action, method) switch
        {
            (null, "DELETE") => "remove",
            (null, _) or ("json", _) => isOne ? "inspect" : "list",
            ("archive", "PUT") => "copy-to",
            ("archive", _) => "copy-from",
            _ => action,
        };
    }
}
