namespace Gantry.Client;

/// <summary>The daemon answered a request with an error.</summary>
/// <param name="status">The HTTP status, 400 to 599.</param>
/// <param name="message">The daemon's own text: the <c>message</c> member of its error document, or the whole body when it sent none.</param>
public sealed class ClientException(int status, string message) : Exception(message)
{
    /// <summary>The HTTP status, 400 to 599.</summary>
    public int Status { get; } = status;

    /// <summary>Whether the daemon does not know the object (404).</summary>
    public bool IsNotFound => Status == 404;
}
