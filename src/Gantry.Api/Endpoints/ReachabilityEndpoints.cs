using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Engine.Networks;
using Gantry.Networking.Why;
using Gantry.Oci;

namespace Gantry.Api.Endpoints;

/// <summary>Who reaches a container, and which rule decides: an operation of Gantry's own.</summary>
internal sealed class ReachabilityEndpoints(ReachabilityExplainer explainer)
{
    public RouteTable Add(RouteTable routes) => routes.Add("GET", "/gantry/containers/{id}/why", ExplainAsync);

    private Task ExplainAsync(ApiCall call)
    {
        var port = call.Number("port");
        if (port is < 1 or > ushort.MaxValue) throw GantryException.Invalid($"invalid port: {port}");
        var ways = explainer.Explain(call.Path("id"), (ushort?)port, call.Query("from"));
        return call.AnswerAsync(new ReachabilityResponse { Ways = [.. ways.Select(ToWire)] }, ApiJson.Wire.ReachabilityResponse);
    }

    private static ReachabilityWay ToWire(Way way) => new()
    {
        From = way.From.ToString(),
        Network = way.Network,
        Address = way.Address,
        Port = way.Port,
        Protocol = way.Protocol?.ToString().ToLowerInvariant() ?? "",
        IsOpen = way.IsOpen,
        Rule = way.Rule,
        Reason = way.Reason,
    };
}
