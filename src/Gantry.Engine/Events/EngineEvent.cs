namespace Gantry.Engine.Events;

/// <summary>Something that happened to an object of the engine (Engine API, <c>EventMessage</c>).</summary>
/// <param name="Type">Kind of object: <c>container</c>, <c>image</c>, <c>volume</c>, <c>network</c>, <c>daemon</c>.</param>
/// <param name="Action">What happened, e.g. <c>start</c>, <c>die</c>, <c>exec_create: ls</c>.</param>
/// <param name="ActorId">The object's id.</param>
/// <param name="Attributes">The object's attributes, e.g. <c>image</c>, <c>name</c>, and its labels.</param>
/// <param name="Time">When, in UTC.</param>
public sealed record EngineEvent(
    string Type, string Action, string ActorId, IReadOnlyDictionary<string, string> Attributes, DateTimeOffset Time);
