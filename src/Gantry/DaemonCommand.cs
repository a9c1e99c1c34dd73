using System.Runtime.InteropServices;
using Gantry.Api.Hosting;
using Gantry.Api.Policies;
using Gantry.BuildKit;
using Gantry.Cli.Flags;
using Gantry.Engine;
using Gantry.Engine.Containers;
using Gantry.Engine.Information;
using Gantry.Oci;
using Gantry.Registry.Client;
using Gantry.Registry.Client.Transport;
using Gantry.Settings;
using Microsoft.Extensions.Logging;

namespace Gantry;

/// <summary>The daemon: an engine and the API in front of it, until a signal says to stop. Its containers run on.</summary>
internal static class DaemonCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            if (DaemonOptions.Parse(arguments) is not { } options)
                return 0;
            if (options.Validate)
            {
                await Console.Out.WriteLineAsync("configuration OK");
                return 0;
            }
            await ServeAsync(options, arguments);
            return 0;
        }
        catch (Exception e) when (e is UsageException or GantryException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"gantry daemon: {e.Message}");
            return 1;
        }
    }

    private static async Task ServeAsync(DaemonOptions options, string[] arguments)
    {
        using var stopping = new CancellationTokenSource();
        try
        {
            await ServeAsync(options, arguments, stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // It was told to stop before it was ready.
        }
    }

    private static async Task ServeAsync(DaemonOptions options, string[] arguments, CancellationTokenSource stopping)
    {
        var least = new LeastLevel(options.LogLevel);
        using var loggers = NewLoggers(options, least);

        // 1. Signals first: one that comes while the engine starts must end it in order, too.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var reloads = new ReloadRequests();
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, reloads.Handle);
        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stopping.Cancel();
        }

        // 2. The engine, with everything it had.
        using var engine = await EngineBuilder.StartAsync(
            new EngineOptions
            {
                Root = options.Root,
                Run = options.Run,
                RuntimeBinary = Path.Combine(AppContext.BaseDirectory, "gantry-runtime"),
                StorageDriver = options.StorageDriver,
                Registries = Registries(options),
                ConcurrentDownloads = options.ConcurrentDownloads,
                ConcurrentUploads = options.ConcurrentUploads,
                KeepPartialBlobs = options.KeepPartial,
                KeepRemovedLogs = options.Host.KeepRemovedLogs,
                LogBudget = options.Host.LogBudget,
                PublishScope = options.Networks.PublishScope,
                MakesFirewallRules = options.Networks.MakesRules,
                AddressPools = options.Networks.AddressPools,
                Init = options.Host.Init,
                Bridge = options.Networks.Bridge,
                NetworkDefaults = options.Networks.Defaults,
                HostGatewayAddress = options.Networks.HostGateway,
                CgroupRoot = options.Host.CgroupRoot,
                Defaults = options.Defaults,
                Settings = options.Settings,
                Logger = loggers.CreateLogger("Gantry.Engine"),
            },
            stopping.Token);

        // 3. The API: who can connect finds the engine ready.
        await using var buildKit = new BuildKitServer(engine, loggers);
        await using var server = new ApiServer(
            new ApiServerOptions
            {
                Listen = options.Hosts,
                SocketGroup = options.Group,
                Tls = options.Tls,
                EngineVersion = SystemInformation.EngineVersion,
                FindSubject = name => Subject(engine.Containers.Get(name)),
            },
            EngineRoutes.For(engine, buildKit),
            loggers);
        await server.StartAsync(stopping.Token);
        await using var metrics = options.Metrics is { } address ? new MetricsServer(address, engine.Metrics.Write, loggers) : null;
        await (metrics?.StartAsync(stopping.Token) ?? Task.CompletedTask);
        using var pidFile = PidFile.Write(options.PidFile);
        SystemdNotifier.Ready();

        // 4. Until told to stop.
        var reload = new DaemonReload(engine, options, arguments, least, loggers.CreateLogger("Gantry"));
        using var idleMemory = new IdleMemory();
        while (await reloads.NextAsync(stopping.Token))
            reload.Run();

        // 5. The end: of the containers too, if they are not to outlive the daemon.
        SystemdNotifier.Stopping();
        if (!engine.Information.Settings.LiveRestore)
            await engine.Shutdown.RunAsync(reload.ShutdownTimeout);
        await server.StopAsync(CancellationToken.None);
    }

    private static ILoggerFactory NewLoggers(DaemonOptions options, LeastLevel least) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Trace).AddFilter((category, level) =>
            level >= (category?.StartsWith("Microsoft", StringComparison.Ordinal) is true ? LogLevel.Warning : least.Value));
        const string Time = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        if (options.LogsJson)
        {
            builder.AddJsonConsole(console => (console.UseUtcTimestamp, console.TimestampFormat) = (true, Time));
            return;
        }
        builder.AddSimpleConsole(console => (console.SingleLine, console.UseUtcTimestamp, console.TimestampFormat) = (true, true, Time + " "));
    });

    private static PolicySubject Subject(Container container) => new(container.Id, container.Config.Labels ?? new Dictionary<string, string>());

    private static RegistryClientOptions Registries(DaemonOptions options) => new()
    {
        Hosts = options.RegistryHosts,
        Proxy = ProxyOptions.FromEnvironment(),
        Retry = new RetryPolicy { Attempts = options.DownloadAttempts },
        UserAgent = $"gantry/{SystemInformation.EngineVersion}",
    };
}
