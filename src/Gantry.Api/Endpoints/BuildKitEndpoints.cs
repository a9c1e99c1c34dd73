using Gantry.Api.Hijacking;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.BuildKit;
using Gantry.BuildKit.Sessions;
using Gantry.Oci;

namespace Gantry.Api.Endpoints;

/// <summary>The connections of BuildKit's clients, which become HTTP/2: <c>/grpc</c> to call, <c>/session</c> to be called.</summary>
internal sealed class BuildKitEndpoints(BuildKitServer server)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("POST", "/grpc", CallsAsync)
        .Add("POST", "/session", SessionAsync);

    private async Task CallsAsync(ApiCall call)
    {
        CheckUpgrade(call);
        await server.ServeCallsAsync(await HijackedStream.OpenAsync(call, multiplexed: false));
    }

    private async Task SessionAsync(ApiCall call)
    {
        CheckUpgrade(call);
        var headers = call.Http.Request.Headers;
        var id = headers["X-Docker-Expose-Session-Uuid"].ToString();
        if (id.Length == 0)
            throw GantryException.Invalid("the session has no X-Docker-Expose-Session-Uuid");
        var methods = headers["X-Docker-Expose-Session-Grpc-Method"].Where(method => method is not null).Select(method => method!);
        var head = new SessionHead(id, headers["X-Docker-Expose-Session-Sharedkey"].ToString(), [.. methods]);
        await server.ServeSessionAsync(head, await HijackedStream.OpenAsync(call, multiplexed: false), CancellationToken.None);
    }

    private static void CheckUpgrade(ApiCall call)
    {
        if (!call.Http.Request.Headers.Upgrade.ToString().Equals("h2c", StringComparison.OrdinalIgnoreCase))
            throw GantryException.Invalid("this path wants the connection to be upgraded to h2c");
    }
}
