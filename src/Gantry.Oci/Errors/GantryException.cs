namespace Gantry.Oci;

/// <summary>
/// An error that a user can act upon: its kind, a message that says what was being done, on what, why it failed, and its cause.
/// </summary>
/// <param name="kind">The sort of failure.</param>
/// <param name="message">The whole text shown to the user; texts that docker's clients match are kept to the letter.</param>
/// <param name="cause">The failure below this one, if any.</param>
public class GantryException(ErrorKind kind, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The sort of failure, which decides the HTTP status or the exit code.</summary>
    public ErrorKind Kind { get; } = kind;

    /// <summary>The request is wrong.</summary>
    public static GantryException Invalid(string message, Exception? cause = null) => new(ErrorKind.InvalidArgument, message, cause);

    /// <summary>The named object does not exist.</summary>
    public static GantryException NotFound(string message, Exception? cause = null) => new(ErrorKind.NotFound, message, cause);

    /// <summary>The state of the object does not allow the request.</summary>
    public static GantryException Conflict(string message, Exception? cause = null) => new(ErrorKind.Conflict, message, cause);

    /// <summary>Gantry does not do this.</summary>
    public static GantryException NotImplemented(string message) => new(ErrorKind.NotImplemented, message);
}
