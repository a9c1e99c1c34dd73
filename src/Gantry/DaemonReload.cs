using Gantry.Cli.Flags;
using Gantry.Oci;
using Gantry.Settings;
using Microsoft.Extensions.Logging;

namespace Gantry;

/// <summary>
/// Reads the settings anew, at SIGHUP: debug, log level, labels, mirrors, insecure registries, live-restore, the bounds of the build cache and the time to stop
/// take effect at once;
/// anything else with the next start. Settings that are wrong change nothing.
/// </summary>
internal sealed partial class DaemonReload(Engine.Engine engine, DaemonOptions started, string[] arguments, LeastLevel least, ILogger log)
{
    /// <summary>How long containers have to end when the daemon does.</summary>
    public TimeSpan ShutdownTimeout { get; private set; } = started.ShutdownTimeout;

    /// <summary>Does it; what is wrong is logged.</summary>
    public void Run()
    {
        SystemdNotifier.Reloading();
        try
        {
            if (DaemonOptions.Parse(arguments) is { } options)
                Apply(options);
        }
        catch (Exception e) when (e is UsageException or GantryException or IOException)
        {
            NotReloaded(log, e.Message);
        }
        SystemdNotifier.Ready();
    }

    private void Apply(DaemonOptions options)
    {
        engine.Registries.Client.Change(options.RegistryHosts);
        // What new containers get is what it was at the start.
        var now = engine.Information.Settings;
        var settings = options.Settings with { LoggingDriver = now.LoggingDriver, SeccompProfile = now.SeccompProfile, NoNewPrivileges = now.NoNewPrivileges,
            DeviceFolders = now.DeviceFolders };
        engine.Information.Settings = settings;
        engine.Builds.ShrinkCache();
        least.Value = options.LogLevel;
        ShutdownTimeout = options.ShutdownTimeout;
        Reloaded(log);
        engine.Events.Publish("daemon", "reload", engine.Information.Id, new Dictionary<string, string>
        {
            ["name"] = Environment.MachineName,
            ["debug"] = settings.Debug ? "true" : "false",
            ["labels"] = List(settings.Labels),
            ["live-restore"] = settings.LiveRestore ? "true" : "false",
            ["insecure-registries"] = List(settings.InsecureRegistries),
            ["registry-mirrors"] = List(settings.RegistryMirrors),
            ["shutdown-timeout"] = $"{(int)Math.Max(options.ShutdownTimeout.TotalSeconds, -1)}",
        });
    }

    private static string List(IReadOnlyList<string> values) => $"[{string.Join(',', values.Select(static value => $"\"{value}\""))}]";

    [LoggerMessage(1, LogLevel.Information, "settings were read anew")]
    private static partial void Reloaded(ILogger log);

    [LoggerMessage(2, LogLevel.Error, "settings were not read anew, and nothing changed: {Reason}")]
    private static partial void NotReloaded(ILogger log, string reason);
}
