using Gantry.Api.Errors;
using Gantry.Api.Policies;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Oci;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Gantry.Api.Hosting;

/// <summary>
/// What Kestrel calls for each request: common headers, version, route, and errors once, at the edge. Kestrel is used without the ASP.NET
/// host: no dependency injection, no middleware pipeline, which makes the daemon's start shorter and each request cheaper.
/// </summary>
internal sealed class ApiApplication(RouteTable routes, string serverHeader, ApiLimits limits, Func<string, PolicySubject> findSubject, ILogger log)
    : IHttpApplication<HttpContext>
{
    private readonly RequestResources _resources = new(limits);

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        // 1. Take the path apart.
        var path = RequestPath.Parse(context.Request.Path.Value ?? "/");
        var values = new List<KeyValuePair<string, string>>();
        using var call = new ApiCall(context, path.Version ?? ApiVersion.Newest, values, _resources);
        WriteCommonHeaders(context.Response.Headers);
        try
        {
            // 2. Find the route: docker too answers 404 before it looks at the version.
            if (HttpMethods.IsOptions(context.Request.Method))
            {
                await call.AnswerAsync(StatusCodes.Status200OK);
                return;
            }
            RefuseNul(context.Request);
            var route = routes.Find(context.Request.Method, path.Segments, values) ?? throw GantryException.NotFound("page not found");

            // 3. Check the version and answer.
            CheckVersion(call.Version);
            context.Features.Get<SocketPolicy>()?.Check(route, call, findSubject);
            await route.Handler(call);
        }
        catch (Exception exception) when (IsGone(call, exception))
        {
            // Nobody is there to hear the answer.
        }
        catch (Exception exception)
        {
            await AnswerErrorAsync(call, exception);
        }
    }

    private void WriteCommonHeaders(IHeaderDictionary headers)
    {
        headers.Server = serverHeader;
        headers["Api-Version"] = NewestVersion;
        headers["Docker-Experimental"] = "false";
        headers["Ostype"] = "linux";
    }

    private static readonly string NewestVersion = ApiVersion.Newest.ToString();

    private static void CheckVersion(ApiVersion version)
    {
        if (version < ApiVersion.Oldest)
        {
            throw GantryException.Invalid(
                $"client version {version} is too old. Minimum supported API version is {ApiVersion.Oldest}, please upgrade your client to a newer version");
        }
        if (version > ApiVersion.Newest)
            throw GantryException.Invalid($"client version {version} is too new. Maximum supported API version is {ApiVersion.Newest}");
    }

    /// <summary>No name, path or value has a NUL; the kernel would take it for the end of a text.</summary>
    private static void RefuseNul(HttpRequest request)
    {
        if (request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) == true
            || request.Path.Value?.Contains('\0', StringComparison.Ordinal) == true)
            throw GantryException.Invalid("the request's path or query holds a NUL character");
    }

    private static bool IsGone(ApiCall call, Exception exception) =>
        call.Aborted.IsCancellationRequested && exception is OperationCanceledException or IOException;

    private async Task AnswerErrorAsync(ApiCall call, Exception exception)
    {
        var status = ErrorAnswer.StatusOf(exception);
        if (status == StatusCodes.Status500InternalServerError && exception is not GantryException)
            ApiLog.RequestFailed(log, call.Http.Request.Method, call.Http.Request.Path, exception);
        if (call.Http.Response.HasStarted)
        {
            // Half an answer is out: the only honest end is a broken connection.
            call.Http.Abort();
            return;
        }
        // Before there were documents, errors were texts; who asks for such a version gets its refusal so.
        if (call.Version < ApiVersion.Oldest)
            await ErrorAnswer.WriteTextAsync(call, status, ErrorAnswer.MessageOf(exception));
        else
            await ErrorAnswer.WriteAsync(call, status, ErrorAnswer.MessageOf(exception));
    }
}
