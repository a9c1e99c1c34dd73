using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Engine.Information;
using Gantry.Oci;
using Microsoft.AspNetCore.Http;

namespace Gantry.Api.Endpoints;

/// <summary>`/_ping`, `/version`, `/info`, and what is always empty.</summary>
internal sealed class SystemEndpoints(SystemInformation information)
{
    public RouteTable Add(RouteTable routes) => routes
        .Add("GET", "/_ping", PingAsync)
        .Add("HEAD", "/_ping", PingAsync)
        .Add("GET", "/version", call => call.AnswerAsync(information.Version(), ApiJson.Wire.SystemVersion))
        .Add("GET", "/info", InfoAsync)
        // There are no plugins; clients' start-up asks for them all the same.
        .Add("GET", "/plugins", call => call.AnswerAsync([], ApiJson.Wire.IReadOnlyListEmptyObject))
        // `docker inspect x` asks for a plugin last, and tells what it did not find only if this is "not found" too.
        .Add("GET", "/plugins/{name...}/json", call => throw GantryException.NotFound($"plugin \"{call.Path("name")}\" not found"));

    private Task InfoAsync(ApiCall call)
    {
        var info = information.Info();
        // The kernel's TCP buffers are counted as memory; a limit of their own, which clients below 1.52 ask for, there is not.
        return call.AnswerAsync(call.Version.IsAtLeast(52) ? info : info with { KernelMemoryTCP = false }, ApiJson.Wire.SystemInfo);
    }

    private static async Task PingAsync(ApiCall call)
    {
        var headers = call.Http.Response.Headers;
        headers.CacheControl = "no-cache, no-store, must-revalidate";
        headers.Pragma = "no-cache";
        // 1 is the builder that posts to /build, 2 the one that opens a session first; clients choose by it.
        headers["Builder-Version"] = "2";
        headers["Swarm"] = "inactive";
        headers.ContentType = "text/plain; charset=utf-8";
        var isHead = HttpMethods.IsHead(call.Http.Request.Method);
        headers.ContentLength = isHead ? 0 : 2;
        if (!isHead) await call.Http.Response.BodyWriter.WriteAsync("OK"u8.ToArray(), call.Aborted);
    }
}
