namespace Gantry.Client.Http;

/// <summary>One request of the Engine API.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Target">Path and query, already escaped.</param>
public sealed record HttpRequest(string Method, string Target)
{
    /// <summary>A body of known size, or null.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>A body of unknown size, sent in chunks while it is read, or null. It can be sent only once.</summary>
    public Stream? BodyStream { get; init; }

    /// <summary>The media type of the body.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Whether the connection is to become a raw stream (attach, exec): asks with <c>Upgrade: tcp</c>.</summary>
    public bool Upgrade { get; init; }

    /// <summary>Further header fields.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
