using System.Globalization;
using Gantry.Engine.Containers;

namespace Gantry.Api.Mapping;

/// <summary>States of containers in docker's words.</summary>
internal static class ContainerStatusText
{
    /// <summary>One word, for `State.Status`.</summary>
    public static string Word(ContainerStatus status) => status switch
    {
        ContainerStatus.Created => "created",
        ContainerStatus.Running => "running",
        ContainerStatus.Paused => "paused",
        ContainerStatus.Restarting => "restarting",
        ContainerStatus.Exited => "exited",
        ContainerStatus.Removing => "removing",
        _ => "dead",
    };

    /// <summary>The column STATUS of `docker ps`.</summary>
    public static string Sentence(ContainerState state, DateTimeOffset now) => state.Status switch
    {
        ContainerStatus.Running => $"Up {Since(state.StartedAt, now)}{Health(state)}",
        ContainerStatus.Paused => $"Up {Since(state.StartedAt, now)} (Paused)",
        ContainerStatus.Restarting => string.Create(CultureInfo.InvariantCulture, $"Restarting ({state.ExitCode}) {Since(state.FinishedAt, now)} ago"),
        ContainerStatus.Removing => "Removal In Progress",
        ContainerStatus.Dead => "Dead",
        ContainerStatus.Created => "Created",
        _ when state.FinishedAt is null => "Created",
        _ => string.Create(CultureInfo.InvariantCulture, $"Exited ({state.ExitCode}) {Since(state.FinishedAt, now)} ago"),
    };

    private static string Health(ContainerState state) => state.Health?.Status switch
    {
        null or "none" => "",
        "starting" => " (health: starting)",
        var status => $" ({status})",
    };

    private static string Since(DateTimeOffset? time, DateTimeOffset now) => HumanDuration.Format(now - (time ?? now));
}
