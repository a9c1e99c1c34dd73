using Gantry.Api.Model;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Engine.Health;

/// <summary>A health check with docker's defaults in its gaps.</summary>
/// <param name="Command">What is run in the container.</param>
/// <param name="Interval">The pause between two probes.</param>
/// <param name="Timeout">After which a probe has failed.</param>
/// <param name="StartPeriod">After the start, in which failures do not count.</param>
/// <param name="StartInterval">The pause between two probes in that time.</param>
/// <param name="Retries">Failures in a row that mean unhealthy.</param>
/// <param name="OnFailure">What is done then: <c>none</c>, <c>kill</c>, <c>restart</c> or <c>stop</c>.</param>
internal sealed record HealthCheck(
    IReadOnlyList<string> Command, TimeSpan Interval, TimeSpan Timeout, TimeSpan StartPeriod, TimeSpan StartInterval, int Retries, string OnFailure)
{
    private const long MinimumNanoseconds = 1_000_000;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_startInterval = TimeSpan.FromSeconds(5);
    private static readonly string[] s_shell = ["/bin/sh", "-c"];

    /// <summary>The check of a container; null when it has none.</summary>
    public static HealthCheck? Of(ContainerConfig config)
    {
        if (config.Healthcheck is not { } check || CommandOf(check, config.Shell) is not { Count: > 0 } command)
            return null;
        return new HealthCheck(
            command, Time(check.Interval, s_interval), Time(check.Timeout, s_interval), Time(check.StartPeriod, TimeSpan.Zero),
            Time(check.StartInterval, s_startInterval), check.Retries > 0 ? check.Retries : 3, check.OnFailure ?? "none");
    }

    /// <summary>Checks what a user gave.</summary>
    /// <exception cref="GantryException">A time is shorter than a millisecond, or something else cannot be meant (InvalidArgument).</exception>
    public static void Validate(HealthConfig? check)
    {
        if (check is null)
            return;
        if (check.Test is [var kind, ..] && kind is not ("NONE" or "CMD" or "CMD-SHELL"))
            throw GantryException.Invalid($"Unknown healthcheck type '{kind}' (expected 'CMD', 'CMD-SHELL' or 'NONE')");
        AtLeastMinimum("Interval", check.Interval);
        AtLeastMinimum("Timeout", check.Timeout);
        if (check.Retries < 0)
            throw GantryException.Invalid("Retries in Healthcheck cannot be negative");
        AtLeastMinimum("StartPeriod", check.StartPeriod);
        AtLeastMinimum("StartInterval", check.StartInterval);
        if (check.OnFailure is not (null or "none" or "kill" or "restart" or "stop"))
            throw GantryException.Invalid($"invalid action on a failed health check: '{check.OnFailure}'; use one of 'none', 'kill', 'restart', or 'stop'");
    }

    /// <summary>The user's check with the image's in its gaps.</summary>
    public static HealthConfig? Merge(HealthConfig? user, ImageHealthcheck? image)
    {
        if (image is null)
            return user;
        user ??= new HealthConfig();
        return user with
        {
            Test = user.Test ?? image.Test,
            Interval = user.Interval != 0 ? user.Interval : image.Interval,
            Timeout = user.Timeout != 0 ? user.Timeout : image.Timeout,
            StartPeriod = user.StartPeriod != 0 ? user.StartPeriod : image.StartPeriod,
            StartInterval = user.StartInterval != 0 ? user.StartInterval : image.StartInterval,
            Retries = user.Retries != 0 ? user.Retries : image.Retries,
        };
    }

    private static IReadOnlyList<string>? CommandOf(HealthConfig check, IReadOnlyList<string>? shell) => check.Test switch
    {
        ["CMD", ..] => [.. check.Test.Skip(1)],
        ["CMD-SHELL", var line] => [.. shell ?? s_shell, line],
        // Of an image: docker, too, does no check of a kind that it does not know.
        _ => null,
    };

    private static TimeSpan Time(long nanoseconds, TimeSpan otherwise) =>
        nanoseconds == 0 ? otherwise : TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick);

    private static void AtLeastMinimum(string what, long nanoseconds)
    {
        if (nanoseconds is not 0 and < MinimumNanoseconds)
            throw GantryException.Invalid($"{what} in Healthcheck cannot be less than 1ms");
    }
}
