using Gantry.Api.Model;

namespace Gantry.Engine.Health;

/// <summary>What is known of a container's health, and how a probe changes it.</summary>
internal static class HealthStates
{
    public const string Starting = "starting";
    public const string Healthy = "healthy";
    public const string Unhealthy = "unhealthy";

    private const int KeptResults = 5;

    /// <summary>At a start: nothing is known yet; the probes of the run before are kept, as docker does.</summary>
    public static Api.Model.Health? AtStart(ContainerConfig config, Api.Model.Health? before) =>
        HealthCheck.Of(config) is null ? null : new Api.Model.Health { Status = Starting, Log = before?.Log ?? [] };

    /// <summary>After a probe.</summary>
    /// <param name="before">What was known.</param>
    /// <param name="check">The check.</param>
    /// <param name="result">What the probe told.</param>
    /// <param name="startedAt">When the container was started.</param>
    public static Api.Model.Health After(Api.Model.Health before, HealthCheck check, HealthcheckResult result, DateTimeOffset startedAt)
    {
        IReadOnlyList<HealthcheckResult> log = [.. (before.Log ?? []).TakeLast(KeptResults - 1), result];
        if (result.ExitCode == 0)
            return new Api.Model.Health { Status = Healthy, Log = log };
        // One that was never healthy may take its time.
        if (before.Status == Starting && result.Start - startedAt < check.StartPeriod)
            return before with { Log = log };
        var streak = before.FailingStreak + 1;
        return new Api.Model.Health { Status = streak >= check.Retries ? Unhealthy : before.Status, FailingStreak = streak, Log = log };
    }
}
