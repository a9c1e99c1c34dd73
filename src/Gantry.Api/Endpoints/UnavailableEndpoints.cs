using Gantry.Api.Routing;
using Gantry.Oci;

namespace Gantry.Api.Endpoints;

/// <summary>
/// Operations of the Engine API that this version does not do: they say so, by name, where an unknown path would look like a mistake of
/// the client.
/// </summary>
internal static class UnavailableEndpoints
{
    internal const string NoSwarm =
        "This node is not a swarm manager. Use \"docker swarm init\" or \"docker swarm join\" to connect this node to swarm and try again.";

    private static readonly (string Method, string Template, string What)[] NotImplemented =
    [
        ("GET", "/images/{name...}/attestations", "image attestations"),
        ("GET", "/plugins/privileges", "plugins"),
        ("POST", "/plugins/pull", "plugins"),
        ("POST", "/plugins/create", "plugins"),
        ("DELETE", "/plugins/{name...}", "plugins"),
        ("POST", "/plugins/{name...}/enable", "plugins"),
        ("POST", "/plugins/{name...}/disable", "plugins"),
        ("POST", "/plugins/{name...}/upgrade", "plugins"),
        ("POST", "/plugins/{name...}/push", "plugins"),
        ("POST", "/plugins/{name...}/set", "plugins"),
    ];

    private static readonly (string Method, string Template)[] Experimental =
        [("GET", "/containers/{id}/checkpoints"), ("POST", "/containers/{id}/checkpoints"), ("DELETE", "/containers/{id}/checkpoints/{checkpoint}")];

    // init and join are refused by another text: "use docker swarm init" would send the user round in a circle.
    private static readonly (string Method, string Template)[] OutsideSwarm =
    [
        ("GET", "/swarm"), ("POST", "/swarm/update"), ("GET", "/swarm/unlockkey"), ("POST", "/swarm/unlock"),
        ("GET", "/nodes"), ("GET", "/nodes/{id}"), ("DELETE", "/nodes/{id}"), ("POST", "/nodes/{id}/update"),
        ("GET", "/services"), ("POST", "/services/create"), ("GET", "/services/{id}"), ("DELETE", "/services/{id}"),
        ("POST", "/services/{id}/update"), ("GET", "/services/{id}/logs"),
        ("GET", "/tasks"), ("GET", "/tasks/{id}"), ("GET", "/tasks/{id}/logs"),
        ("GET", "/secrets"), ("POST", "/secrets/create"), ("GET", "/secrets/{id}"), ("DELETE", "/secrets/{id}"), ("POST", "/secrets/{id}/update"),
        ("GET", "/configs"), ("POST", "/configs/create"), ("GET", "/configs/{id}"), ("DELETE", "/configs/{id}"), ("POST", "/configs/{id}/update"),
    ];

    /// <summary>Adds the routes; they come last, after those that do something.</summary>
    public static RouteTable Add(RouteTable routes)
    {
        foreach (var (method, template, what) in NotImplemented) routes.Add(method, template, Refuse(what));
        foreach (var (method, template) in Experimental)
            routes.Add(method, template, _ =>
                throw GantryException.NotImplemented(
                    "This experimental feature is disabled by default. Start the Docker daemon in experimental mode in order to enable it."));
        foreach (var template in (string[])["/swarm/init", "/swarm/join"])
            routes.Add("POST", template, _ => throw new GantryException(ErrorKind.Unavailable, "swarm is not implemented in this version of Gantry"));
        routes.Add("POST", "/swarm/leave", _ => throw new GantryException(ErrorKind.Unavailable, "This node is not part of a swarm"));
        foreach (var (method, template) in OutsideSwarm) routes.Add(method, template, _ => throw new GantryException(ErrorKind.Unavailable, NoSwarm));
        return routes;
    }

    private static ApiHandler Refuse(string what) => _ =>
        throw GantryException.NotImplemented($"{what} {(what.EndsWith('s') ? "are" : "is")} not implemented in this version of Gantry");
}
