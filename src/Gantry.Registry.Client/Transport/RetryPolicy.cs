using System.Net;
using Gantry.Registry.Client.Errors;

namespace Gantry.Registry.Client.Transport;

/// <summary>A request failed and will be made again.</summary>
/// <param name="Failure">Why.</param>
/// <param name="Attempt">Which attempt failed, from 1.</param>
/// <param name="Delay">How long the client waits before the next.</param>
public sealed record RetryNotice(RegistryException Failure, int Attempt, TimeSpan Delay);

/// <summary>How often and when a failed request is made again. A body that broke off counts anew once it has brought something.</summary>
public sealed record RetryPolicy
{
    /// <summary>Attempts in all, the first included.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The pause after the first failure; each further one is twice as long.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause. A registry that asks for a longer one (Retry-After) is not waited for: the user is told.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The pause after a failed attempt, or null when it is not to be repeated.</summary>
    /// <param name="attempt">Which attempt failed, from 1.</param>
    /// <param name="asked">What the registry asked for.</param>
    internal TimeSpan? DelayAfter(int attempt, TimeSpan? asked)
    {
        if (attempt >= Attempts || asked > LongestDelay)
            return null;
        // Half of it is chance, so that the layers of a pull do not come back all at once.
        var backoff = Math.Min(FirstDelay.TotalSeconds * Math.Pow(2, attempt - 1),
            LongestDelay.TotalSeconds) * (0.5 + Random.Shared.NextDouble() / 2);
        return asked is { } wanted && wanted.TotalSeconds > backoff ? wanted : TimeSpan.FromSeconds(backoff);
    }

    /// <summary>Whether a status may be another one next time.</summary>
    internal static bool IsPassing(HttpStatusCode status) => status
        is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError
        or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;
}
