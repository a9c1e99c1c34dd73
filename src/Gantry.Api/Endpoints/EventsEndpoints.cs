using Gantry.Api.Mapping;
using Gantry.Api.Model;
using Gantry.Api.Requests;
using Gantry.Api.Routing;
using Gantry.Api.Streams;
using Gantry.Engine.Events;
using Gantry.Oci;

namespace Gantry.Api.Endpoints;

/// <summary>`/events`.</summary>
internal sealed class EventsEndpoints(EventBus events)
{
    public RouteTable Add(RouteTable routes) => routes.Add("GET", "/events", StreamAsync);

    private async Task StreamAsync(ApiCall call)
    {
        var filter = new EventFilter(call.Filters(EventFilter.Keys));
        var since = Timestamp.Parse(call.Query("since"));
        var until = Timestamp.Parse(call.Query("until"));
        if (since > until) throw GantryException.Invalid($"`since` time ({call.Query("since")}) cannot be after `until` time ({call.Query("until")})");
        // Listening begins before the head is sent: a client that has the head misses nothing.
        var listening = events.Listen(since, until, call.Aborted);
        var stream = await JsonStream.OpenAsync(call);
        await foreach (var message in listening)
        {
            if (filter.Accepts(message)) await stream.WriteAsync(EventMapping.ToMessage(message, call.Version), ApiJson.Wire.EventMessage);
        }
    }
}
