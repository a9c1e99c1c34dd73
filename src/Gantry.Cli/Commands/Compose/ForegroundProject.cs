using System.Runtime.InteropServices;
using Gantry.Compose;
using Gantry.Compose.Model;
using Gantry.Compose.Running;

namespace Gantry.Cli.Commands.Compose;

/// <summary>A project that <c>up</c> stays with: its output, signals, the menu of keys and the watch over its files.</summary>
/// <param name="session">The daemon, streams and settings.</param>
/// <param name="project">The project.</param>
/// <param name="attached">Shows the output.</param>
/// <param name="printer">Writes it.</param>
internal sealed class ForegroundProject(ComposeSession session, Project project, AttachedUp attached, LogPrinter printer)
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _watch;
    private Task _watching = Task.CompletedTask;
    private bool _detached;
    private int _signals;

    /// <summary>Whether files are watched from the beginning.</summary>
    public bool Watch { get; init; }

    /// <summary>Whether there is a menu of keys, if there is a terminal.</summary>
    public bool Menu { get; init; }

    /// <summary>Starts the project and stays until it ends, is stopped or left alone.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(UpOptions options)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        if (Watch)
            StartWatch();
        var menu = KeyMenu.Open(session, printer, Menu, OnKey, () => _watch is not null);
        bool runs;
        try
        {
            runs = await attached.RunAsync(options).ConfigureAwait(false);
        }
        finally
        {
            menu?.Dispose();
            StopWatch();
        }
        await _watching.ConfigureAwait(false);
        if (_detached)
            return 0;
        if (attached.Aborted)
            session.Session.PrintError("Aborting on container exit...");
        if (runs || attached.Aborted)
            await session.RunAsync("Stopping", access => new ProjectActions(access).StopAsync(project.Name, project, [], options.Timeout, stopped: true))
                .ConfigureAwait(false);
        return _signals > 0 ? 130 : attached.ExitCode;
    }

    // The first signal stops the project in order, the second one kills it.
    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true;
        if (Interlocked.Increment(ref _signals) == 1)
        {
            printer.EndFooter();
            session.Session.Print("Gracefully Stopping... press Ctrl+C again to force");
            session.Session.Flush();
            attached.Interrupt();
        }
        else
        {
            _ = Task.Run(() => new ProjectActions(session.QuietEngine()).KillAsync(project.Name, project, [], null, false));
        }
    }

    private void OnKey(char key)
    {
        switch (key)
        {
            case 'w' when _watch is null:
                StartWatch();
                break;
            case 'w':
                StopWatch();
                printer.Note("Watch disabled");
                break;
            case 'd':
                _detached = true;
                attached.Interrupt();
                break;
        }
    }

    private void StartWatch()
    {
        var watched = new WatchedUp(session, project, quiet: false) { Tell = printer.Note };
        try
        {
            watched.Check();
        }
        catch (ComposeException error) when (!Watch)
        {
            printer.Note(error.Message);
            return;
        }
        lock (_gate)
        {
            var end = _watch = new CancellationTokenSource();
            _watching = Task.Run(() => WatchAsync(watched, end.Token));
        }
    }

    private async Task WatchAsync(WatchedUp watched, CancellationToken end)
    {
        try
        {
            await watched.RunAsync(end).ConfigureAwait(false);
        }
        catch (ComposeException error)
        {
            printer.Note(error.Message);
        }
    }

    private void StopWatch()
    {
        lock (_gate)
        {
            _watch?.Cancel();
            _watch = null;
        }
    }
}
