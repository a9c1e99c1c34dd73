using System.Diagnostics;
using System.Globalization;
using System.Text;
using Gantry.Engine.Events;
using Gantry.Engine.Health;

namespace Gantry.Engine.Information;

/// <summary>Figures of the engine in Prometheus' text format (version 0.0.4), by the names of docker's own.</summary>
public sealed class EngineMetrics
{
    private readonly SystemInformation _information;
    private readonly EventBus _events;
    private readonly HealthProbe _health;
    private readonly EngineActions _actions;
    private readonly DateTimeOffset _started;

    internal EngineMetrics(SystemInformation information, EventBus events, HealthProbe health, EngineActions actions, TimeProvider clock)
    {
        _actions = actions;
        _health = health;
        _information = information;
        _events = events;
        _started = clock.GetUtcNow();
    }

    /// <summary>All figures, as they are now.</summary>
    public string Write()
    {
        var text = new StringBuilder();
        var (info, version) = (_information.Info(), _information.Version());
        Head(text, "engine_daemon_engine_info", "gauge", "The information related to the engine and the OS it is running on");
        text.Append(CultureInfo.InvariantCulture,
            $"engine_daemon_engine_info{{architecture=\"{info.Architecture}\",commit=\"{version.GitCommit}\",daemon_id=\"{info.ID}\",graphdriver=\"{info.Driver}\",kernel=\"{info.KernelVersion}\",os=\"{Escape(info.OperatingSystem)}\",os_type=\"linux\",os_version=\"{info.OSVersion}\",version=\"{info.ServerVersion}\"}} 1\n");
        Single(text, "engine_daemon_engine_cpus_cpus", "gauge", "The number of cpus that the host system of the engine has", info.NCPU);
        Single(text, "engine_daemon_engine_memory_bytes", "gauge", "The number of bytes of memory that the host system of the engine has", info.MemTotal);

        Head(text, "engine_daemon_container_states_containers", "gauge", "The count of containers in various states");
        foreach (var (state, count) in (ReadOnlySpan<(string, int)>)[
            ("paused", info.ContainersPaused), ("running", info.ContainersRunning), ("stopped", info.ContainersStopped)])
            text.Append(CultureInfo.InvariantCulture, $"engine_daemon_container_states_containers{{state=\"{state}\"}} {count}\n");

        Times(text, "engine_daemon_container_actions_seconds", "The number of seconds it takes to process each container action", _actions.Containers);
        Times(text, "engine_daemon_network_actions_seconds", "The number of seconds it takes to process each network action", _actions.Networks);

        var counted = _events.Counts();
        Single(text, "engine_daemon_events_total", "counter", "The number of events logged", counted.Values.Sum());
        Single(text, "engine_daemon_events_subscribers_total", "gauge", "The number of current subscribers to events", _events.Listeners);
        Single(text, "engine_daemon_health_checks_total", "counter", "The total number of health checks", _health.Total);
        Single(text, "engine_daemon_health_checks_failed_total", "counter", "The total number of failed health checks", _health.TotalFailed);
        Head(text, "gantry_events_total", "counter", "The number of events by type and action");
        foreach (var ((type, action), count) in counted.OrderBy(static entry => entry.Key.Type, StringComparer.Ordinal)
            .ThenBy(static entry => entry.Key.Action, StringComparer.Ordinal))
            text.Append(CultureInfo.InvariantCulture, $"gantry_events_total{{type=\"{type}\",action=\"{Escape(action)}\"}} {count}\n");
        Process(text, info.NFd);
        return text.ToString();
    }

    private void Process(StringBuilder text, int descriptors)
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        Single(text, "process_cpu_seconds_total", "counter", "Total user and system CPU time spent in seconds.", process.TotalProcessorTime.TotalSeconds);
        Single(text, "process_open_fds", "gauge", "Number of open file descriptors.", descriptors);
        Single(text, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.", process.WorkingSet64);
        Single(text, "process_start_time_seconds", "gauge", "Start time of the process since unix epoch in seconds.", _started.ToUnixTimeSeconds());
    }

    private static void Times(StringBuilder text, string name, string help, ActionTimes times)
    {
        Head(text, name, "histogram", help);
        foreach (var (action, counts, seconds) in times.Read())
        {
            long total = 0;
            for (var i = 0; i < counts.Count; i++)
            {
                total += counts[i];
                var bound = i < ActionTimes.Bounds.Length ? ActionTimes.Bounds[i].ToString(CultureInfo.InvariantCulture) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{action=\"{action}\",le=\"{bound}\"}} {total}\n");
            }
            text.Append(CultureInfo.InvariantCulture, $"{name}_sum{{action=\"{action}\"}} {seconds}\n{name}_count{{action=\"{action}\"}} {total}\n");
        }
    }

    private static void Single(StringBuilder text, string name, string type, string help, double value)
    {
        Head(text, name, type, help);
        text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");
    }

    private static void Head(StringBuilder text, string name, string type, string help) => text.Append($"# HELP {name} {help}\n# TYPE {name} {type}\n");

    private static string Escape(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
}
