namespace Gantry.Engine.Processes;

/// <summary>A container's processes as ps(1) shows them.</summary>
/// <param name="Titles">The heads of the columns.</param>
/// <param name="Processes">One row a process.</param>
public sealed record ProcessTable(IReadOnlyList<string> Titles, IReadOnlyList<IReadOnlyList<string>> Processes);
