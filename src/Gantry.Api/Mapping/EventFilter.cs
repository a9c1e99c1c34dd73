using Gantry.Engine.Events;
using Gantry.Oci.Filters;

namespace Gantry.Api.Mapping;

/// <summary>Which events a client of `/events` wants.</summary>
internal sealed class EventFilter(ObjectFilters filters)
{
    /// <summary>Keys that name a kind of object; each picks events of that kind alone.</summary>
    private static readonly string[] Kinds = ["container", "network", "volume", "daemon", "plugin", "service", "node", "secret", "config"];

    /// <summary>The keys that are known.</summary>
    public static ReadOnlySpan<string> Keys => (string[])["event", "type", "label", "scope", "image", .. Kinds];

    public bool Accepts(EngineEvent message) =>
        filters.MatchesExactly("type", message.Type)
        && filters.MatchesExactly("scope", "local")
        && MatchesAction(message.Action)
        && filters.MatchesLabels("label", message.Attributes)
        && MatchesImage(message)
        && MatchesKind(message);

    // `exec_create: ls` is picked by its whole text or by what is before the colon.
    private bool MatchesAction(string action) =>
        filters.MatchesExactly("event", action) || (action.IndexOf(':') is > 0 and var colon && filters.MatchesExactly("event", action[..colon]));

    private bool MatchesImage(EngineEvent message)
    {
        if (!filters.Has("image")) return true;
        var name = message.Attributes.GetValueOrDefault(message.Type == "image" ? "name" : "image", "");
        return filters["image"].Any(wanted => wanted == message.ActorId || wanted == name || name.StartsWith(wanted + ":", StringComparison.Ordinal));
    }

    // Several kinds at once are alternatives: `container=a` and `network=b` want the events of either.
    private bool MatchesKind(EngineEvent message) => !Kinds.Any(filters.Has) || filters[message.Type].Any(wanted => Names(message, wanted));

    private static bool Names(EngineEvent message, string wanted)
    {
        var name = message.Attributes.GetValueOrDefault("name", "");
        return name == wanted.TrimStart('/') || (wanted.Length > 0 && message.ActorId.StartsWith(wanted, StringComparison.Ordinal));
    }
}
