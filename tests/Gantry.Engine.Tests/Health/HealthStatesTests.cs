using Gantry.Api.Model;
using Gantry.Engine.Health;
using Gantry.Oci;
using Gantry.Oci.Images;

namespace Gantry.Engine.Tests.Health;

public class HealthStatesTests
{
    private static readonly DateTimeOffset s_start = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly HealthCheck s_check = HealthCheck.Of(new ContainerConfig
    {
        Healthcheck = new HealthConfig { Test = ["CMD", "x"], Retries = 2, StartPeriod = 10_000_000_000 },
    })!;

    [Fact]
    public void Failures_count_after_the_start_period_only_unless_it_was_healthy()
    {
        var health = new Api.Model.Health { Status = HealthStates.Starting };
        health = HealthStates.After(health, s_check, Result(1, 5), s_start);
        Assert.Equal(("starting", 0), (health.Status, health.FailingStreak));
        var late = HealthStates.After(HealthStates.After(health, s_check, Result(1, 11), s_start), s_check, Result(1, 12), s_start);
        Assert.Equal(("unhealthy", 2), (late.Status, late.FailingStreak));
        var early = HealthStates.After(HealthStates.After(health, s_check, Result(0, 6), s_start), s_check, Result(1, 7), s_start);
        Assert.Equal(("healthy", 1), (early.Status, early.FailingStreak));
    }

    [Fact]
    public void A_success_ends_the_row_and_five_results_are_kept()
    {
        var health = new Api.Model.Health { Status = HealthStates.Unhealthy, FailingStreak = 9 };
        for (var i = 0; i < 8; i++)
            health = HealthStates.After(health, s_check, Result(i == 7 ? 0 : 1, 20 + i), s_start);
        Assert.Equal(("healthy", 0, 5, 0), (health.Status, health.FailingStreak, health.Log!.Count, health.Log[^1].ExitCode));
    }

    [Fact]
    public void Defaults_are_dockers()
    {
        var check = HealthCheck.Of(new ContainerConfig { Healthcheck = new HealthConfig { Test = ["CMD-SHELL", "a b"] } })!;
        Assert.Equal(["/bin/sh", "-c", "a b"], check.Command);
        Assert.Equal((30, 30, 0, 5, 3), (check.Interval.Seconds, check.Timeout.Seconds, check.StartPeriod.Seconds, check.StartInterval.Seconds, check.Retries));
        Assert.Null(HealthCheck.Of(new ContainerConfig { Healthcheck = new HealthConfig { Test = ["NONE"] } }));
        Assert.Null(HealthCheck.Of(new ContainerConfig()));
    }

    [Fact]
    public void The_images_check_fills_gaps()
    {
        var image = new ImageHealthcheck { Test = ["CMD", "x"], Interval = 5, Retries = 4 };
        var merged = HealthCheck.Merge(new HealthConfig { Retries = 1 }, image)!;
        Assert.Equal(("x", 5L, 1), (merged.Test![1], merged.Interval, merged.Retries));
        Assert.Equal(["NONE"], HealthCheck.Merge(new HealthConfig { Test = ["NONE"] }, image)!.Test);
        Assert.Equal(4, HealthCheck.Merge(null, image)!.Retries);
        Assert.Null(HealthCheck.Merge(null, null));
    }

    [Fact]
    public void What_cannot_be_meant_is_refused()
    {
        Assert.Throws<GantryException>(() => HealthCheck.Validate(new HealthConfig { Test = ["RUN", "x"] }));
        Assert.Throws<GantryException>(() => HealthCheck.Validate(new HealthConfig { Retries = -1 }));
        Assert.Throws<GantryException>(() => HealthCheck.Validate(new HealthConfig { OnFailure = "explode" }));
        HealthCheck.Validate(new HealthConfig { Test = ["CMD", "x"], Interval = 1_000_000, OnFailure = "restart" });
    }

    [Theory]
    [InlineData(30000, "30s")]
    [InlineData(90500, "1m30.5s")]
    [InlineData(100, "100ms")]
    [InlineData(3_600_000, "1h0m0s")]
    public void Durations_are_written_as_in_Go(int milliseconds, string text) => Assert.Equal(text, GoDuration.Format(TimeSpan.FromMilliseconds(milliseconds)));

    private static HealthcheckResult Result(int exitCode, int seconds) => new() { ExitCode = exitCode, Start = s_start.AddSeconds(seconds) };
}
