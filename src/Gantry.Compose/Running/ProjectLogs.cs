using System.Globalization;
using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Client.Streams;
using Gantry.Compose.Planning;

namespace Gantry.Compose.Running;

/// <summary>Shows the logs of a project's containers together.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="printer">Writes the lines.</param>
public sealed class ProjectLogs(EngineAccess engine, LogPrinter printer)
{
    /// <summary>Shows the logs of containers; when they are followed, until all have ended.</summary>
    public Task ShowAsync(IReadOnlyList<ContainerSummary> containers, LogOptions options, CancellationToken cancellation = default)
    {
        foreach (var container in containers)
            printer.Register(container.ShortName());
        return Threads.ForEachAsync(containers, container => ShowAsync(container, options, cancellation));
    }

    /// <summary>Shows the logs of one container.</summary>
    public async Task ShowAsync(ContainerSummary container, LogOptions options, CancellationToken cancellation = default)
    {
        try
        {
            var inspected = await engine.Client.InspectContainerAsync(container.Id, cancellation).ConfigureAwait(false);
            using var exchange = await engine.Client.OpenLogsAsync(container.Id, options, cancellation).ConfigureAwait(false);
            await using var output = printer.Open(container.ShortName(), isError: false);
            await using var error = printer.Open(container.ShortName(), isError: true);
            if (inspected.Config.Tty)
                await exchange.Body.CopyToAsync(output, cancellation).ConfigureAwait(false);
            else
                await MultiplexedReader.CopyAsync(exchange.Body, output, error, cancellation).ConfigureAwait(false);
        }
        catch (ClientException error) when (error.Status == 501)
        {
            engine.Warn($"Can't retrieve logs for \"{container.Name()}\": {error.Message}");
        }
        catch (ClientException error) when (error.IsNotFound)
        {
            // It was removed meanwhile.
        }
    }

    /// <summary>Follows a project: shows logs of containers from their start on, until those of some services have all ended.</summary>
    /// <param name="project">The project's name.</param>
    /// <param name="services">The services; empty for all.</param>
    /// <param name="started">Called when a container starts that was not shown before.</param>
    /// <param name="ended">Called when a container ends, with its exit code; true ends this.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task WatchAsync(string project, IReadOnlyList<string> services, Action<ContainerSummary> started,
        Func<ContainerSummary, int, Task<bool>> ended, CancellationToken cancellation)
    {
        var filters = new Filters().Add("type", "container").Add("label", $"{Labels.Project}={project}");
        using var events = await engine.Client.EventsAsync(null, null, filters, cancellation).ConfigureAwait(false);
        while (await events.NextAsync(ApiJson.Wire.EventMessage, cancellation).ConfigureAwait(false) is { } message)
        {
            var labels = message.Actor.Attributes;
            if (!labels.TryGetValue(Labels.Service, out var service) || services.Count > 0 && !services.Contains(service)
                || labels.GetValueOrDefault(Labels.OneOff) == "True" || labels.ContainsKey(Labels.Hook))
                continue;
            var container = new ContainerSummary { Id = message.Actor.ID, Names = ["/" + labels.GetValueOrDefault("name", message.Actor.ID)], Labels = labels };
            if (message.Action == "start")
                started(container);
            else if (message.Action == "die" && await ended(container, ExitCode(labels)).ConfigureAwait(false))
                return;
        }
    }

    private static int ExitCode(IReadOnlyDictionary<string, string> attributes) =>
        int.TryParse(attributes.GetValueOrDefault("exitCode"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code) ? code : 0;
}
