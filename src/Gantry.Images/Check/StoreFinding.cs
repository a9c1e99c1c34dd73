namespace Gantry.Images.Check;

/// <summary>Something in the engine's folders that should not be.</summary>
/// <param name="Kind"><c>blob</c>, <c>image</c>, <c>layer</c>, <c>snapshot</c>, <c>container</c> or <c>file</c>.</param>
/// <param name="Subject">Which one: digest, name, key or path.</param>
/// <param name="Problem">What is wrong.</param>
/// <param name="Remedy">What a repair does, or, where there is none, what the user can do.</param>
/// <param name="Repair">Does it; null when nothing can be done here.</param>
public sealed record StoreFinding(string Kind, string Subject, string Problem, string Remedy, Action? Repair);
