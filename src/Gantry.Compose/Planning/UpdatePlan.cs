using Gantry.Compose.Model;
using Gantry.Compose.Values;

namespace Gantry.Compose.Planning;

/// <summary>What is done when too many of the new containers do not get healthy.</summary>
public enum FailureAction
{
    /// <summary>All containers of the service that were replaced are replaced by those before them.</summary>
    RollBack,

    /// <summary>Only the one that failed is taken back; no other is replaced any more.</summary>
    Pause,

    /// <summary>Only the one that failed is taken back; the others are replaced all the same.</summary>
    Continue,
}

/// <summary>How the containers of a service are replaced, or taken back: <c>deploy.update_config</c> and <c>deploy.rollback_config</c>.</summary>
public sealed record UpdatePlan
{
    /// <summary>How long one may take to be healthy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>How many at once.</summary>
    public required int Width { get; init; }

    /// <summary>The pause between one group and the next.</summary>
    public required TimeSpan Pause { get; init; }

    /// <summary>How long one is watched after it runs and is healthy: if it ends within that time it has failed. Null when the file does not say.</summary>
    public required TimeSpan? Monitor { get; init; }

    /// <summary>Whether one starts before the one it takes the place of stops.</summary>
    public required bool StartFirst { get; init; }

    /// <summary>What is done about failures.</summary>
    public required FailureAction OnFailure { get; init; }

    /// <summary>The share of failures, 0 to 1, above which that is done.</summary>
    public required double Tolerated { get; init; }

    /// <summary>Whether failures are more than is tolerated.</summary>
    /// <param name="failures">How many failed.</param>
    /// <param name="all">Of how many.</param>
    public bool IsTooMuch(int failures, int all) => failures > 0 && (double)failures / all > Tolerated;

    /// <summary>How a service's containers are replaced. What fails is rolled back unless the file says otherwise.</summary>
    /// <param name="service">The service.</param>
    /// <param name="count">How many containers there are to replace.</param>
    public static UpdatePlan ToUpdate(Service service, int count) => Read(service.Map("deploy")?.Map("update_config"), FailureAction.RollBack, count);

    /// <summary>How a service's containers are taken back. What fails then does not keep the others from it unless the file says so.</summary>
    /// <param name="service">The service.</param>
    /// <param name="count">How many containers there are to take back.</param>
    public static UpdatePlan ToRollBack(Service service, int count) => Read(service.Map("deploy")?.Map("rollback_config"), FailureAction.Continue, count);

    private static UpdatePlan Read(MapValue? config, FailureAction usual, int count) => new()
    {
        Width = config?["parallelism"] is null ? 1 : config.Number("parallelism") is > 0 and var width ? (int)width : Math.Max(count, 1),
        Pause = Span(config, "delay") ?? TimeSpan.Zero,
        Monitor = config?["monitor"] is null ? null : Span(config, "monitor"),
        StartFirst = config?.Text("order") == "start-first",
        OnFailure = config?.Text("failure_action") switch { "pause" => FailureAction.Pause, "continue" => FailureAction.Continue, "rollback" =>
            FailureAction.RollBack, _ => usual },
        Tolerated = config?.Fraction("max_failure_ratio") ?? 0,
    };

    private static TimeSpan? Span(MapValue? config, string key) => config is null ? null : TimeSpan.FromTicks(config.Number(key) / 100);
}
