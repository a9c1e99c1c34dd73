using Gantry.Api.Model;

namespace Gantry.Compose.Planning;

/// <summary>What <c>deploy.placement.constraints</c> says of a host: <c>node.hostname==NAME</c>, <c>engine.labels.KEY!=VALUE</c> and the like.</summary>
internal static class PlacementConstraint
{
    /// <summary>Whether a constraint holds for a host; null when it says what nobody knows of a single host.</summary>
    /// <param name="constraint">The constraint.</param>
    /// <param name="host">The host.</param>
    public static bool? Holds(string constraint, SystemInfo host)
    {
        var equals = constraint.Contains("==", StringComparison.Ordinal);
        var parts = constraint.Split(equals ? "==" : "!=", 2, StringSplitOptions.TrimEntries);
        return parts.Length == 2 && Value(parts[0], host) is { } value ? string.Equals(value, parts[1], StringComparison.OrdinalIgnoreCase) == equals : null;
    }

    // A host that is no part of a swarm does what a manager would.
    private static string? Value(string name, SystemInfo host) => name switch
    {
        "node.id" => host.ID,
        "node.hostname" => host.Name,
        "node.role" => "manager",
        "node.platform.os" => host.OSType,
        "node.platform.arch" => host.Architecture,
        _ when name.StartsWith("engine.labels.", StringComparison.Ordinal) => Label(host, name["engine.labels.".Length..]),
        _ when name.StartsWith("node.labels.", StringComparison.Ordinal) => Label(host, name["node.labels.".Length..]),
        _ => null,
    };

    private static string Label(SystemInfo host, string name) =>
        host.Labels?.FirstOrDefault(label => label.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..] ?? "";
}
