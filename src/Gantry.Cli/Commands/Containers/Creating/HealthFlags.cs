using Gantry.Api.Model;

namespace Gantry.Cli.Commands.Containers.Creating;

/// <summary>The flags for health as the configuration of a probe.</summary>
internal sealed class HealthFlags(ContainerFlags flags)
{
    /// <summary>The probe, or null: as the image says.</summary>
    /// <exception cref="CommandException">Flags contradict each other, or a value is negative.</exception>
    public HealthConfig? Build()
    {
        var given = flags.HealthCmd.Value.Length > 0 || flags.HealthInterval.Value != 0 || flags.HealthTimeout.Value != 0
            || flags.HealthStartPeriod.Value != 0 || flags.HealthStartInterval.Value != 0 || flags.HealthRetries.Value != 0
            || flags.HealthOnFailure.Value.Length > 0;
        if (flags.NoHealthcheck.Value)
            return given ? throw new CommandException("--no-healthcheck conflicts with --health-* options") : new HealthConfig { Test = ["NONE"] };
        if (!given)
            return null;
        RefuseNegative("interval", flags.HealthInterval.Value);
        RefuseNegative("timeout", flags.HealthTimeout.Value);
        RefuseNegative("retries", flags.HealthRetries.Value);
        RefuseNegative("start-period", flags.HealthStartPeriod.Value);
        RefuseNegative("start-interval", flags.HealthStartInterval.Value);
        return new HealthConfig
        {
            Test = flags.HealthCmd.Value.Length > 0 ? ["CMD-SHELL", flags.HealthCmd.Value] : null,
            Interval = flags.HealthInterval.Value,
            Timeout = flags.HealthTimeout.Value,
            StartPeriod = flags.HealthStartPeriod.Value,
            StartInterval = flags.HealthStartInterval.Value,
            Retries = (int)flags.HealthRetries.Value,
            OnFailure = flags.HealthOnFailure.Value,
        };
    }

    private static void RefuseNegative(string name, long value)
    {
        if (value < 0)
            throw new CommandException($"--health-{name} cannot be negative");
    }
}
