namespace Gantry.Storage.Snapshots;

/// <summary>Something about a snapshot that should not be.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Writable">False for layers.</param>
/// <param name="Problem">What is wrong, e.g. <c>its files are missing</c>.</param>
/// <param name="CanDiscard">Whether nothing is lost when it is thrown away: a layer is unpacked again, a leftover is nobody's.</param>
public sealed record SnapshotProblem(string Key, bool Writable, string Problem, bool CanDiscard);
