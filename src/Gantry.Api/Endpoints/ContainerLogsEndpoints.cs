using System.Globalization;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Engine.Logs;
using Gantry.Oci;

namespace Gantry.Api.Endpoints;

/// <summary>`/containers/{id}/logs`.</summary>
internal sealed class ContainerLogsEndpoints(Engine.Engine engine)
{
    public RouteTable Add(RouteTable routes) => routes.Add("GET", "/containers/{id}/logs", ReadAsync);

    private async Task ReadAsync(ApiCall call)
    {
        var query = QueryOf(call);
        if (!query.Stdout && !query.Stderr) throw GantryException.Invalid("Bad parameters: you must choose at least one stream");
        var (id, output) = (call.Path("id"), call.Http.Response.BodyWriter);
        // A container that is there counts more than one of its name that was.
        var removed = engine.Containers.TryGet(id, out var container) ? null : engine.Logs.FindRemoved(id);
        container ??= removed is null ? engine.Containers.Get(id) : null;
        var framed = !(container?.Config.Tty ?? removed!.Tty);
        call.Http.Response.ContentType =
            framed && call.Version.IsAtLeast(42) ? "application/vnd.docker.multiplexed-stream" : "application/vnd.docker.raw-stream";
        await (container is not null ? engine.Logs.WriteAsync(container, query, output, call.Aborted)
            : engine.Logs.WriteAsync(removed!, query, output, call.Aborted));
    }

    private static LogQuery QueryOf(ApiCall call) => new()
    {
        Stdout = call.Flag("stdout"),
        Stderr = call.Flag("stderr"),
        Follow = call.Flag("follow"),
        Timestamps = call.Flag("timestamps"),
        Details = call.Flag("details"),
        Since = Timestamp.Parse(call.Query("since")),
        Until = Timestamp.Parse(call.Query("until")),
        Tail = TailOf(call.Query("tail")),
    };

    // Docker takes what is no number, such as "all", and what is negative as "everything".
    private static int? TailOf(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var lines) && lines >= 0 ? lines : null;
}
