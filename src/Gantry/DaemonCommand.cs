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
using Gantry.Registry.Client.Hosts;
using Gantry.Registry.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Gantry;

/// <summary>The daemon: an engine and the API in front of it, until a signal says to stop. Its containers run on.</summary>
internal static class DaemonCommand
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        try
        {
            if (DaemonOptions.Parse(arguments) is { } options)
                await ServeAsync(options);
            return 0;
        }
        catch (Exception e) when (e is UsageException or GantryException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"gantry daemon: {e.Message}");
            return 1;
        }
    }

    private static async Task ServeAsync(DaemonOptions options)
    {
        using var loggers = LoggerFactory.Create(b => b
            .SetMinimumLevel(options.Debug ? LogLevel.Debug : LogLevel.Information)
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddSimpleConsole(c =>
            {
                c.SingleLine = true;
                c.UseUtcTimestamp = true;
                c.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
            }));

        // 1. Signals first: one that comes while the engine starts must end it in order, too.
        using var stopping = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var hangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, c => c.Cancel = true);
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
                PublishScope = options.PublishScope,
                AddressPools = options.AddressPools,
                Init = options.Init,
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
                EngineVersion = SystemInformation.EngineVersion,
                FindSubject = name => Subject(engine.Containers.Get(name)),
            },
            EngineRoutes.For(engine, buildKit),
            loggers);
        await server.StartAsync(stopping.Token);
        using var pidFile = PidFile.Write(options.PidFile);

        // 4. Until told to stop.
        using var idleMemory = new IdleMemory();
        await Task.Delay(Timeout.Infinite, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await server.StopAsync(CancellationToken.None);
    }

    private static PolicySubject Subject(Container container) => new(container.Id, container.Config.Labels ?? new Dictionary<string, string>());

    private static RegistryClientOptions Registries(DaemonOptions options) => new()
    {
        Hosts = new RegistryHostOptions
        {
            InsecureRegistries = options.InsecureRegistries,
            RegistryMirrors = options.RegistryMirrors,
            Folders = options.CertificateFolders,
        },
        Proxy = ProxyOptions.FromEnvironment(),
        UserAgent = $"gantry/{SystemInformation.EngineVersion}",
    };
}
