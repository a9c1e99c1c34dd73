namespace Gantry.BuildKit.Sessions;

/// <summary>What a client says of itself when it opens a session.</summary>
/// <param name="Id">By which builds name it.</param>
/// <param name="SharedKey">Equal for sessions that send the same folders; empty: unknown.</param>
/// <param name="Methods">What it answers.</param>
public sealed record SessionHead(string Id, string SharedKey, IReadOnlyList<string> Methods);
