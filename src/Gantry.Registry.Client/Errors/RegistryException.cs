using System.Net;
using Gantry.Oci;

namespace Gantry.Registry.Client.Errors;

/// <summary>A registry refused, failed, lied or could not be reached.</summary>
/// <param name="kind">The sort of failure; decides the status at the edge of the API.</param>
/// <param name="subject">Registry, repository and tag or digest that it is about.</param>
/// <param name="message">The whole text for the user; docker's own where clients match it.</param>
/// <param name="cause">The failure below this one, if any.</param>
public sealed class RegistryException(ErrorKind kind, RegistrySubject subject, string message, Exception? cause = null)
    : GantryException(kind, message, cause)
{
    /// <summary>Registry, repository and tag or digest that it is about.</summary>
    public RegistrySubject Subject { get; } = subject;

    /// <summary>The HTTP status, or null when there was no answer.</summary>
    public HttpStatusCode? Status { get; init; }

    /// <summary>What the registry itself reported; empty when it said nothing that could be understood.</summary>
    public IReadOnlyList<RegistryError> Errors { get; init; } = [];

    /// <summary>How other endpoints of the registry (mirrors) failed before this one did, in the order in which they were asked.</summary>
    public IReadOnlyList<RegistryException> Earlier { get; init; } = [];

    /// <summary>How long the registry wants to be left alone, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The registry does not keep to the protocol, or sent other content than it promised.</summary>
    internal static RegistryException Broken(RegistrySubject subject, string what, Exception? cause = null) =>
        new(ErrorKind.System, subject, $"{subject}: {what}", cause);

    /// <summary>The connection ended too early, as often as it was made anew: what has come is good, and worth going on with later.</summary>
    internal static RegistryException BrokenOff(RegistrySubject subject, string what, Exception cause) =>
        new(ErrorKind.Unavailable, subject, $"{subject}: {what}", cause);

    /// <summary>The same failure, told together with those of the endpoints asked before.</summary>
    internal RegistryException WithEarlier(IReadOnlyList<RegistryException> earlier) => earlier.Count == 0
        ? this
        : new RegistryException(Kind, Subject, Message, InnerException)
        {
            Status = Status,
            Errors = Errors,
            RetryAfter = RetryAfter,
            Earlier = earlier,
        };
}
