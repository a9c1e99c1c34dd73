using Gantry.Api.Model;
using Gantry.Api.Routing;
using Gantry.Engine.Events;

namespace Gantry.Api.Mapping;

/// <summary>Events on the wire.</summary>
internal static class EventMapping
{
    public static EventMessage ToMessage(EngineEvent message, ApiVersion version)
    {
        var sinceEpoch = message.Time - DateTimeOffset.UnixEpoch;
        var wire = new EventMessage
        {
            Type = message.Type,
            Action = message.Action,
            Actor = new EventActor { ID = message.ActorId,
                Attributes = new SortedDictionary<string, string>(message.Attributes.ToDictionary(), StringComparer.Ordinal) },
            Scope = "local",
            Time = (long)sinceEpoch.TotalSeconds,
            TimeNano = sinceEpoch.Ticks * TimeSpan.NanosecondsPerTick,
        };
        // Until 1.52 containers and images had these three besides.
        if (!version.IsAtLeast(52) && message.Type is "container" or "image")
            wire = wire with { Status = message.Action, Id = message.ActorId, From = message.Attributes.GetValueOrDefault("image") };
        return wire;
    }
}
