using System.Globalization;
using Gantry.Api.Model;
using Gantry.Client;
using Gantry.Client.Streams;
using Gantry.Compose.Planning;

namespace Gantry.Compose.Running;

/// <summary>What makes an attached project stop.</summary>
public enum AbortOn
{
    /// <summary>Only the end of all its containers.</summary>
    Nothing,

    /// <summary>The end of any container.</summary>
    Exit,

    /// <summary>The end of any container with an exit code other than 0.</summary>
    Failure,
}

/// <summary>Starts a project and shows the output of its containers until they have ended.</summary>
/// <param name="engine">The daemon.</param>
/// <param name="prepared">The project.</param>
/// <param name="printer">Writes the output.</param>
public sealed class AttachedUp(EngineAccess engine, PreparedProject prepared, LogPrinter printer)
{
    /// <summary>For a start that was asked for just before the end; what waits for the health of another starts nothing any more.</summary>
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HashSet<string> _running = new(StringComparer.Ordinal);
    private readonly HashSet<string> _ended = new(StringComparer.Ordinal);
    private readonly HashSet<string> _attached = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private bool _allStarted;

    /// <summary>Whether the output of a service is shown.</summary>
    public Func<string, bool> Shows { get; init; } = static _ => true;

    /// <summary>What makes the project stop.</summary>
    public AbortOn Abort { get; init; }

    /// <summary>The service whose exit code is that of the command, or empty.</summary>
    public string ExitCodeFrom { get; init; } = "";

    /// <summary>Whether it is to be stopped because a container has ended.</summary>
    public bool Aborted { get; private set; }

    /// <summary>The exit code.</summary>
    public int ExitCode { get; private set; }

    /// <summary>Ends the wait: the user wants to stop.</summary>
    public void Interrupt() => _end.TrySetResult();

    /// <summary>Starts the project and waits until its containers have ended, or it is to be stopped.</summary>
    /// <returns>Whether containers may still run.</returns>
    public async Task<bool> RunAsync(UpOptions options)
    {
        // 1. Ends are heard of from before the first start on.
        var filters = new Filters().Add("type", "container").Add("label", $"{Labels.Project}={prepared.Project.Name}");
        var events = await engine.Client.EventsAsync(null, null, filters).ConfigureAwait(false);
        foreach (var container in prepared.Containers)
        {
            _running.Add(container.Id);
            if (Shows(container.ServiceName()))
                printer.Register(container.ShortName());
        }
        _ = Threads.RunAsync(() => ListenAsync(events));

        // 2. Output of what runs already, then of what is started.
        foreach (var container in prepared.Containers.Where(static container => container.State == "running"))
            await AttachAsync(container).ConfigureAwait(false);
        var starting = Threads.RunAsync(() => prepared.StartAsync(engine, options, AttachAsync, printer));
        var first = await Task.WhenAny(starting, _end.Task).ConfigureAwait(false);
        if (first == starting)
            await starting.ConfigureAwait(false);
        else
            await Task.WhenAny(starting, Task.Delay(s_startPatience)).ConfigureAwait(false);
        lock (_lock)
        {
            _allStarted = true;
            if (_running.Count == 0)
                _end.TrySetResult();
        }

        // 3. The end.
        await _end.Task.ConfigureAwait(false);
        lock (_lock)
            return _running.Count > 0;
    }

    /// <summary>Called before each start: after the end there is none, so that what is stopped then is all there is.</summary>
    private async Task AttachAsync(ContainerSummary container)
    {
        if (_end.Task.IsCompleted)
            throw new OperationCanceledException("the project is being stopped");
        if (!Shows(container.ServiceName()))
            return;
        lock (_lock)
            _attached.Add(container.Id);
        var inspected = await engine.Client.InspectContainerAsync(container.Id).ConfigureAwait(false);
        var stream = await engine.Client.AttachContainerAsync(container.Id, new AttachOptions { Stdout = true, Stderr = true }).ConfigureAwait(false);
        _ = Threads.RunAsync(async () =>
        {
            using (stream)
            {
                await using var output = printer.Open(container.ShortName(), isError: false);
                await using var error = printer.Open(container.ShortName(), isError: true);
                try
                {
                    if (inspected.Config.Tty)
                        await stream.CopyToAsync(output).ConfigureAwait(false);
                    else
                        await MultiplexedReader.CopyAsync(stream, output, error, CancellationToken.None).ConfigureAwait(false);
                }
                catch (IOException)
                {
                    // The daemon went away; the events tell the same, and end the command.
                }
            }
            lock (_lock)
                _attached.Remove(container.Id);
        });
    }

    private async Task ListenAsync(MessageReader events)
    {
        using (events)
        {
            while (await events.NextAsync(ApiJson.Wire.EventMessage).ConfigureAwait(false) is { } message)
            {
                var labels = message.Actor.Attributes;
                var service = labels.GetValueOrDefault(Labels.Service, "");
                if (!prepared.Project.Services.ContainsKey(service) || labels.GetValueOrDefault(Labels.OneOff) == "True" || labels.ContainsKey(Labels.Hook))
                    continue;
                var container = new ContainerSummary { Id = message.Actor.ID, Names = ["/" + labels.GetValueOrDefault("name", message.Actor.ID)],
                    Labels = labels };
                if (message.Action == "start")
                    Started(container);
                else if (message.Action == "die")
                    await EndedAsync(container, labels).ConfigureAwait(false);
            }
        }
        _end.TrySetResult();
    }

    private void Started(ContainerSummary container)
    {
        bool again;
        lock (_lock)
        {
            again = _ended.Remove(container.Id) || !_running.Contains(container.Id);
            _running.Add(container.Id);
        }
        // One that started anew: its output goes on from here.
        if (again && Shows(container.ServiceName()))
            _ = Threads.RunAsync(() =>
                new ProjectLogs(engine, printer)
                .ShowAsync(container,
                    new LogOptions { Follow = true, Since = DateTimeOffset.UtcNow.AddSeconds(-1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) }));
    }

    private async Task EndedAsync(ContainerSummary container, IReadOnlyDictionary<string, string> attributes)
    {
        _ = int.TryParse(attributes.GetValueOrDefault("exitCode"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var code);
        var restarts = await RestartsAsync(container.Id).ConfigureAwait(false);
        await OutputEndedAsync(container.Id).ConfigureAwait(false);
        if (Shows(container.ServiceName()))
            printer.Status(container.ShortName(), $"exited with code {code}{(restarts ? " (restarting)" : "")}");
        lock (_lock)
        {
            _ended.Add(container.Id);
            if (!restarts)
                _running.Remove(container.Id);
            var aborts = Abort == AbortOn.Exit || Abort == AbortOn.Failure && code != 0;
            if (!_end.Task.IsCompleted && (ExitCodeFrom == container.ServiceName() || ExitCodeFrom.Length == 0 && aborts))
                ExitCode = code;
            Aborted |= aborts && !restarts && !_end.Task.IsCompleted;
            if (aborts && !restarts || _allStarted && _running.Count == 0)
                _end.TrySetResult();
        }
    }

    // What the container wrote last comes before the line that tells of its end; its output may be held open by others, so not for ever.
    private async Task OutputEndedAsync(string id)
    {
        for (var tries = 0; tries < 50; tries++)
        {
            lock (_lock)
                if (!_attached.Contains(id))
                    return;
            await Task.Delay(10).ConfigureAwait(false);
        }
    }

    private async Task<bool> RestartsAsync(string id)
    {
        try
        {
            var state = (await engine.Client.InspectContainerAsync(id).ConfigureAwait(false)).State;
            return state.Restarting || state.Running;
        }
        catch (ClientException error) when (error.IsNotFound)
        {
            return false;
        }
    }
}
